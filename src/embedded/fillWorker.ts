import { parentPort, workerData } from 'node:worker_threads';
import { atMostEvery } from '../platform/concurrency/atMostEvery.ts';
import { systemClock } from '../platform/clock.ts';
import { openThreadStore } from './openThreadStore.ts';
import { buildInThisThread } from '../projections/rebuild/buildGeneration.ts';
import { failureOf, type BuildMessage, type BuildTask } from './fillThread.ts';
import { openSqliteReadModel } from '../projections/stores/sqlite/sqliteReadModel.ts';
import { viewDeclaredAs } from '../projections/views/allViews.ts';

/** The thread of buildInThread: builds one generation over its own connections. */

const REPORT_MS = 100;

const task = workerData as BuildTask;
const { viewsFolder, view, generation } = task;
const stopping = new AbortController();
const send = (message: BuildMessage): void => parentPort?.postMessage(message);
parentPort?.once('message', () => {
  stopping.abort();
});

const store = openThreadStore(task, { use: 'read through' });
const readModel = openSqliteReadModel({ folder: viewsFolder });
try {
  await buildInThisThread({ readModel, store, clock: systemClock })({
    view: viewDeclaredAs(view),
    generation,
    signal: stopping.signal,
    onProgress: atMostEvery(REPORT_MS, (progress) => {
      send({ progress });
    }),
  });
} catch (error) {
  send({ failed: failureOf(error) });
} finally {
  await readModel.close();
  await store.close();
  parentPort?.close();
}
