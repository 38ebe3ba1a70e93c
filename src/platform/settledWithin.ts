import type { MonotonicClock } from './clock.ts';

/** Waits until the promise settles, at most `ms` milliseconds. Never rejects. */
export async function settledWithin(
  ms: number,
  promise: Promise<unknown>,
  time: Pick<MonotonicClock, 'sleep'>,
): Promise<void> {
  const over = new AbortController();
  const settled = promise.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([settled, time.sleep(ms, over.signal)]);
  over.abort();
}
