import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** The files of a thread, without their ending. */
export type ThreadName = 'fillWorker' | 'viewsWorker' | 'verifyWorker';

/** What a thread over the embedded stores opens for itself. */
export interface EmbeddedFiles {
  eventsFile: string;
  viewsFolder: string;
}

/** Runs a thread until it ends, and tells it to stop when the signal aborts; answers what it died of, null when it ended by itself. */
export async function runThread(
  name: ThreadName,
  { task, signal, onMessage }: { task: unknown; signal: AbortSignal; onMessage(message: unknown): void },
): Promise<Error | null> {
  const thread = startThread(name, task);
  let death: Error | null = null;
  thread.on('message', onMessage);
  thread.on('error', (error) => {
    death = error;
  });
  const stop = (): void => {
    thread.postMessage('stop');
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  await new Promise((resolve) => thread.once('exit', resolve));
  signal.removeEventListener('abort', stop);
  return death;
}

/**
 * A thread that runs the compiled file, or from the sources, as in development and tests, the source: tsx does not reach into threads by itself.
 */
function startThread(name: ThreadName, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(`./${name}.js`, import.meta.url), { workerData });
  }
  // Resolved as a package is required: import.meta.resolve is not there where tsx runs a test.
  const required = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api'));
  const [tsx, source] = [new URL('./index.mjs', required), new URL(`./${name}.ts`, import.meta.url)];
  const code = `import('${tsx.href}').then(({ register }) => { register(); return import('${source.href}'); })`;
  return new Worker(code, { eval: true, workerData });
}
