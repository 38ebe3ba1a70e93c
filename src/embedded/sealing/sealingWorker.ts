import { parentPort, workerData } from 'node:worker_threads';
import { openKeys, type KeyPlace } from '../../sealing/opening/sealedStore.ts';
import { sealerWith, type Sealer } from '../../sealing/sealer.ts';
import type { Numbered } from '../threads/answeringThread.ts';
import { unpackTexts, type SealingAnswer, type SealingOrder } from './sealingOrders.ts';

/** The thread of sealInThread: makes keys and seals, over its own connection to the key store. */

const send = (answer: Numbered<SealingAnswer>): void => parentPort?.postMessage(answer);
const { store, keyring } = await openKeys(workerData as KeyPlace, false);
const sealer: Sealer = sealerWith(keyring);
const underWay = new Set<Promise<void>>();

type Work = Exclude<Numbered<SealingOrder>, { erased: object }>;

const resultsOf = async (order: Work): Promise<string[]> =>
  'create' in order ? sealer.create(order.create) : sealer.seal(unpackTexts(order.seal));

async function answer(order: Work): Promise<void> {
  const { id } = order;
  try {
    send({ id, results: await resultsOf(order) });
  } catch {
    // The caller does the same itself and gets the error with its class.
    send({ id });
  }
}

parentPort?.on('message', (order: Numbered<SealingOrder> | 'stop') => {
  if (order === 'stop') {
    void Promise.allSettled(underWay).then(async () => {
      await store.close();
      parentPort?.close();
    });
  } else if ('erased' in order) sealer.dropErased(order.erased.subject, order.erased.keyId);
  else {
    const work = answer(order).finally(() => underWay.delete(work));
    underWay.add(work);
  }
});
