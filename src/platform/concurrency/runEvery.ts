import type { MonotonicClock } from '../clock.ts';

/** Runs `work` every `ms` milliseconds, first after `ms`, until the signal aborts. Ignores its failures. */
export async function runEvery(
  work: () => Promise<void>,
  ms: number,
  timer: Pick<MonotonicClock, 'sleep'>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await timer.sleep(ms, signal);
    if (signal.aborted) return;
    await work().catch(() => undefined);
  }
}
