import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** The files of a thread, without their ending. */
export type ThreadName = 'fillWorker' | 'viewsWorker';

/**
 * A thread that runs the compiled file, or from the sources, as in development and tests, the source: tsx does not reach into threads by itself.
 */
export function startThread(name: ThreadName, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(`./${name}.js`, import.meta.url), { workerData });
  }
  // Resolved as a package is required: import.meta.resolve is not there where tsx runs a test.
  const required = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api'));
  const [tsx, source] = [new URL('./index.mjs', required), new URL(`./${name}.ts`, import.meta.url)];
  const code = `import('${tsx.href}').then(({ register }) => { register(); return import('${source.href}'); })`;
  return new Worker(code, { eval: true, workerData });
}
