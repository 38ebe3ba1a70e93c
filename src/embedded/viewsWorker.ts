import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../platform/clock.ts';
import { openThreadStore } from './openThreadStore.ts';
import { buildBySize, buildInThread } from './buildsThread.ts';
import { maintainViews, type ViewsLogger } from '../projections/maintaining/maintainViews.ts';
import { openSqliteReadModel } from '../projections/stores/sqlite/sqliteReadModel.ts';
import { viewDeclaredAs } from '../projections/views/allViews.ts';
import type { ViewsMessage, ViewsTask } from './viewsThread.ts';

/**
 * The thread of maintainViewsInThread: maintains the views over its own connections until it is
 * stopped.
 */

/** How often changed statuses are sent, in milliseconds. */
const REPORT_MS = 100;

const task = workerData as ViewsTask;
const { viewsFolder, commits, views } = task;
const send = (message: ViewsMessage): void => parentPort?.postMessage(message);
const log =
  (level: keyof ViewsLogger) =>
  (fields: object, text: string): void => {
    send({ log: { level, fields, text } });
  };

const store = openThreadStore(task, {
  use: 'follow',
  listen: commits,
  logger: { error: log('error') },
});
const readModel = openSqliteReadModel({ folder: viewsFolder });
const stores = { store, readModel, clock: systemClock };
const kept = maintainViews({
  ...stores,
  fill: (shared) => buildBySize(buildInThread(task), shared),
  views: views.map(viewDeclaredAs),
  logger: { info: log('info'), warn: log('warn'), error: log('error') },
});

let sent = '';
const sending = setInterval(() => {
  const statuses = Object.fromEntries(kept.views.map(({ name, runner }) => [name, runner.status()]));
  const now = Object.values(statuses)
    .map((status) => Object.values(status).join())
    .join();
  if (now === sent) return;
  sent = now;
  send({ statuses });
}, REPORT_MS);

parentPort?.once('message', () => {
  clearInterval(sending);
  void kept
    .stop()
    .then(() => readModel.close())
    .then(() => store.close())
    .then(() => parentPort?.close());
});
