import { parentPort, workerData } from 'node:worker_threads';
import { ListError } from '../imports/list/listError.ts';
import { importIn } from '../imports/jobs/runImport.ts';
import { systemClock } from '../platform/clock.ts';
import { reasonOf } from '../platform/padronError.ts';
import { isUnreachable } from '../platform/storeError.ts';
import type { ImportMessage, ImportThreadTask } from './importThread.ts';
import { openThreadStore } from './openThreadStore.ts';

/** The thread of importInThread: imports one list over a connection of its own. */

const { task, key, timeZone, ...files } = workerData as ImportThreadTask;
const stopping = new AbortController();
parentPort?.once('message', () => {
  stopping.abort();
});
const send = (message: ImportMessage): void => parentPort?.postMessage(message);

const store = openThreadStore(files, {
  use: task.isDryRun ? 'read through' : 'write in bulk beside a server',
});
try {
  const run = importIn({ store, key, clock: systemClock, timeZone });
  const isWhole = await run(
    task,
    (progress) => {
      send({ progress });
    },
    stopping.signal,
  );
  send({ isWhole });
} catch (error) {
  if (error instanceof ListError) send({ failure: 'list', reason: error.reason });
  else
    send({
      failure: isUnreachable(error) ? 'store' : 'other',
      reason: reasonOf(error),
    });
} finally {
  await store.close();
  parentPort?.close();
}
