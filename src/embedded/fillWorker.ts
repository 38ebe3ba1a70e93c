import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../platform/clock.ts';
import { openSqliteEventStore } from '../events/stores/sqlite/sqliteEventStore.ts';
import { fillHere } from '../projections/rebuild/buildGeneration.ts';
import { failureOf, type FillMessage, type FillTask } from './fillThread.ts';
import { openSqliteReadModel } from '../projections/stores/sqlite/sqliteReadModel.ts';
import { viewDeclaredAs } from '../projections/views/allViews.ts';

/** The thread of fillInThread: fills one generation, over connections of its own. */

const TELL_EVERY_MS = 100;

const { eventsFile, viewsFolder, view, generation } = workerData as FillTask;
const stopping = new AbortController();
const tell = (message: FillMessage): void => parentPort?.postMessage(message);
parentPort?.once('message', () => {
  stopping.abort();
});

const store = openSqliteEventStore({ file: eventsFile, use: 'read through' });
const readModel = openSqliteReadModel({ folder: viewsFolder });
try {
  let toldAt = 0;
  await fillHere({ readModel, store, clock: systemClock })({
    view: viewDeclaredAs(view),
    generation,
    signal: stopping.signal,
    onProgress(progress) {
      const now = performance.now();
      if (now - toldAt < TELL_EVERY_MS) return;
      toldAt = now;
      tell({ progress });
    },
  });
} catch (error) {
  tell({ failed: failureOf(error) });
} finally {
  await readModel.close();
  await store.close();
  parentPort?.close();
}
