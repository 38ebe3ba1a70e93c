import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../platform/clock.ts';
import { createCommandSide } from '../commands/handling/commandSide.ts';
import { openThreadStore } from './openThreadStore.ts';
import { openSqliteReadModel } from '../projections/stores/sqlite/sqliteReadModel.ts';
import { viewsByKind } from '../projections/views/allViews.ts';
import { runVerifyJob } from '../verify/job/verifyJob.ts';
import type { VerifyTask } from './verifyThread.ts';

/**
 * The thread of verifyInThread: runs one verification over its own connections and records the
 * progress in the job.
 */

const task = workerData as VerifyTask;
const { viewsFolder, job, key } = task;
const stopping = new AbortController();
parentPort?.once('message', () => {
  stopping.abort();
});

const clock = systemClock;
const store = openThreadStore(task, { use: 'read through' });
const readModel = openSqliteReadModel({ folder: viewsFolder });
try {
  const { reservations } = createCommandSide({ store, key, clock });
  await runVerifyJob({ store, reservations, readModel, ...viewsByKind(), clock }, job, stopping.signal);
} finally {
  await readModel.close();
  await store.close();
  parentPort?.close();
}
