import type { KeyPlace } from '../../sealing/opening/sealedStore.ts';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type ResourceLimits, type WorkerOptions } from 'node:worker_threads';

/** The thread files, without extension, relative to src/embedded. */
export type ThreadName =
  | 'buildsWorker'
  | 'viewsWorker'
  | 'verifyWorker'
  | 'importWorker'
  | 'roll/rollWorker'
  | 'sealing/sealingWorker';

/** The files that a thread opens. */
export interface EmbeddedFiles {
  eventsFile: string;
  viewsFolder: string;
  /** Default: events are read as stored. */
  keys?: KeyPlace;
}

/**
 * Runs a thread until it ends, and stops it when the signal aborts. Returns the error that ended
 * it, or that kept it from starting (the system has no thread left), or null. `onStart` gets a
 * function that sends it messages.
 */
export async function runThread(
  name: ThreadName,
  {
    task,
    signal,
    memory,
    onStart,
    onMessage = () => undefined,
  }: {
    task: unknown;
    signal: AbortSignal;
    /** Left out: as much as the requests' thread. */
    memory?: ResourceLimits;
    onStart?(post: (message: unknown) => void): void;
    onMessage?(message: unknown): void;
  },
): Promise<Error | null> {
  let thread: Worker;
  try {
    thread = startThread(name, { workerData: task, ...(memory ? { resourceLimits: memory } : {}) });
  } catch (error) {
    return error as Error;
  }
  onStart?.((message) => {
    thread.postMessage(message);
  });
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

/** The folder of compiled threads for a process that runs from sources; null: it starts the sources. */
let compiledFolder: string | null = null;

/** Makes a process that runs from sources, such as a test, start compiled threads. The path ends with a slash. */
export function startCompiledThreads(folder: string): void {
  compiledFolder = folder;
}

/**
 * Starts the compiled file; when run from the sources without a folder of compiled threads, the
 * TypeScript file, for which tsx must be registered in the thread.
 */
function startThread(name: ThreadName, options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(`../${name}.js`, import.meta.url), options);
  }
  if (compiledFolder !== null) return new Worker(`${compiledFolder}embedded/${name}.js`, options);
  // Resolved with require: import.meta.resolve does not exist where tsx runs a test.
  const required = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api'));
  const [tsx, source] = [new URL('./index.mjs', required), new URL(`../${name}.ts`, import.meta.url)];
  const code = `import('${tsx.href}').then(({ register }) => { register(); return import('${source.href}'); })`;
  return new Worker(code, { ...options, eval: true });
}
