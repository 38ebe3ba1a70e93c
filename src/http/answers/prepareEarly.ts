/**
 * Lets a built server do in its first idle moment what its first caller would wait for otherwise. A server that runs from its sources leaves
 * it to that caller: the sources may change, and few of the many servers of a test run are asked. `prepare` keeps what it made, and is called
 * again by the next caller where it fails.
 */
export function prepareEarly(prepare: () => Promise<unknown>): void {
  if (import.meta.url.endsWith('.ts')) return;
  setImmediate(() => void prepare().catch(() => undefined));
}
