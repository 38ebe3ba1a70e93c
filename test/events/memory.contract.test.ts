import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { describeEventStoreContract } from './eventStoreContract.ts';

describeEventStoreContract('the model in memory', async (codec) => {
  const log = memoryLog();
  const store = memoryEventStore(log, undefined, codec);
  return { store, openPlain: async () => memoryEventStore(log), close: () => store.close() };
});
