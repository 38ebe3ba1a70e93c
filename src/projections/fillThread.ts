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

/** A thread that runs the compiled file, or from the sources, as in development and tests, the source: tsx does not reach into threads by itself. */
function startThread(workerData: FillTask): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./fillWorker.js', import.meta.url), { workerData });
  }
  const [tsx, source] = ['tsx/esm/api', './fillWorker.ts'].map((name) => import.meta.resolve(name));
  const code = `import('${tsx}').then(({ register }) => { register(); return import('${source}'); })`;
  return new Worker(code, { eval: true, workerData });
}

/**
 * Fills in a thread of its own, over the embedded stores: there each page of reading and writing is one call that blocks its thread, and requests
 * would wait behind it (docs/benchmarks.md has what a rebuild costs them). Errors as for fillGeneration; a thread that dies is a ReadModelError.
 */
export const fillInThread =
  (files: Pick<FillTask, 'eventsFile' | 'viewsFolder'>): Fill =>
  async ({ view: { name, version }, generation, signal, onProgress }) => {
    const task: FillTask = { ...files, view: name, version, generation };
    const worker = startThread(task);
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
