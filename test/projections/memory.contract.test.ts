import type { Leases } from '../../src/platform/lease.ts';
import { memoryReadModel, memoryViews } from '../support/memoryReadModel.ts';
import type { ReadModelUnderTest } from './contract/examples.ts';
import { describeReadModelContract } from './readModelContract.ts';
import { describeRowStoreContract } from './rowStoreContract.ts';

/** The model test brings leases of its own. */
const noLeases: Leases = {
  expiryMs: 0,
  acquire: async () => Promise.reject(new Error('this read model has no leases')),
  close: async () => undefined,
};

async function readModelInMemory(): Promise<ReadModelUnderTest> {
  const views = memoryViews();
  const open = () => memoryReadModel(views, { leases: noLeases });
  const readModel = open();
  return { readModel, another: async () => open(), close: () => readModel.close() };
}

describeReadModelContract('the model in memory', readModelInMemory);
describeRowStoreContract('the model in memory', readModelInMemory);
