import { Worker } from 'node:worker_threads';
import type { Fill, FillProgress } from './fill.ts';
import { ReadModelError } from './readModel.ts';

/** What the thread is given. */
export interface FillTask {
  eventsFile: string;
  viewsFolder: string;
  view: string;
  version: number;
  generation: number;
}

/** What the thread says. */
export type FillMessage = { progress: FillProgress } | { failed: { message: string; isTransient: boolean } };

/** The compiled file beside the compiled one, the source beside the source. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './fillWorker.ts' : './fillWorker.js',
  import.meta.url,
);

/**
 * Fills in a thread of its own, over the embedded stores: there each page of reading and writing is one call that blocks its thread, and requests
 * would wait behind it (docs/benchmarks.md has what a rebuild costs them). Errors as for fillGeneration; a thread that dies is a ReadModelError.
 */
export const fillInThread =
  (files: Pick<FillTask, 'eventsFile' | 'viewsFolder'>): Fill =>
  async ({ view: { name, version }, generation, signal, onProgress }) => {
    const task: FillTask = { ...files, view: name, version, generation };
    const worker = new Worker(WORKER, { workerData: task });
    const stop = (): void => {
      worker.postMessage('stop');
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const failures: Error[] = [];
    worker.on('message', (message: FillMessage) => {
      if ('progress' in message) onProgress(message.progress);
      else failures.push(errorOf(message.failed));
    });
    worker.on('error', (error) => {
      failures.push(new ReadModelError(`the rebuild's thread ended: ${error.message}`));
    });
    await new Promise((resolve) => worker.once('exit', resolve));
    signal.removeEventListener('abort', stop);
    const [failure] = failures;
    if (failure) throw failure;
  };

const errorOf = ({ message, isTransient }: { message: string; isTransient: boolean }): Error =>
  isTransient ? new ReadModelError(message) : new Error(message);
