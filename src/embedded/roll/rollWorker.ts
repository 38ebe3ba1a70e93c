import { parentPort, workerData } from 'node:worker_threads';
import { failureOf } from '../threads/threadFailure.ts';
import { openThreadStore } from '../openThreadStore.ts';
import type { Numbered } from '../threads/answeringThread.ts';
import type { EmbeddedFiles } from '../threads/workerThread.ts';
import { systemClock } from '../../platform/clock.ts';
import { lowerThreadPriority } from '../../platform/concurrency/threadPriority.ts';
import { openSqliteReadModel } from '../../projections/stores/sqlite/sqliteReadModel.ts';
import { createRollReaders } from '../../roll/reading/rollReaders.ts';
import type { RollAnswer, RollOrder } from './rollThread.ts';
import { rollWorkHere, type Pieces, type RollWork } from '../../roll/wholeRoll/rollWork.ts';

/** The thread of createRollThread: runs tasks, and sends one piece per request. */

lowerThreadPriority();

const files = workerData as EmbeddedFiles;
const port = parentPort;
const underWay = new Map<number, Pieces>();
const encoder = new TextEncoder();

/** Runs a task over its own connections and keys, so that no key of an earlier task is cached. */
async function* piecesOf(work: RollWork): Pieces {
  const store = openThreadStore(files, { use: 'read through' });
  const readModel = openSqliteReadModel({ folder: files.viewsFolder, cacheMiB: 1 });
  try {
    const readers = createRollReaders({ readModel, store, clock: systemClock, maxWaitMs: 0 });
    yield* rollWorkHere(readers)(work);
  } finally {
    await readModel.close();
    await store.close();
  }
}

const send = (answer: Numbered<RollAnswer>, transferred: ArrayBuffer[] = []): void => {
  port?.postMessage(answer, transferred);
};

async function next({ id, work }: Numbered<RollOrder>): Promise<void> {
  const pieces = underWay.get(work);
  if (!pieces) return;
  try {
    const { done, value } = await pieces.next();
    if (done === true) {
      underWay.delete(work);
      send({ id, done: true });
      return;
    }
    const piece = typeof value === 'string' ? encoder.encode(value) : value;
    send({ id, piece }, [piece.buffer as ArrayBuffer]);
  } catch (error) {
    underWay.delete(work);
    send({ id, failed: failureOf(error) });
  }
}

port?.on('message', (order: Numbered<RollOrder> | 'stop') => {
  if (order === 'stop') {
    const closing = [...underWay.values()].map((pieces) => pieces.return(undefined).catch(() => undefined));
    void Promise.all(closing).then(() => {
      port.close();
    });
  } else if ('begin' in order) {
    underWay.set(order.work, piecesOf(order.begin));
  } else if ('next' in order) {
    void next(order);
  } else {
    const pieces = underWay.get(order.work);
    underWay.delete(order.work);
    void pieces?.return(undefined).catch(() => undefined);
  }
});
