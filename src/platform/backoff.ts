import type { MonotonicClock } from './clock.ts';

/** Pauses between failed attempts, each twice as long as the one before. */
export interface Backoff {
  /** Resolves after the next pause, or as soon as `signal` aborts; never rejects. */
  pause(signal: AbortSignal): Promise<void>;
  /** Call after a success: the next pause is the shortest again. */
  reset(): void;
}

/** The range of the pauses, in milliseconds. */
export interface PauseRange {
  minMs: number;
  maxMs: number;
  /** The share, 0 to 1, by which a pause may be shortened at random. Default: a half. */
  jitter?: number;
}

/**
 * Milliseconds to pause after so many earlier failures (from 0): from `minMs`, doubled each time up
 * to `maxMs`, and shortened at random, so that processes that failed together do not retry together.
 */
export const pauseMs = (failures: number, { minMs, maxMs, jitter = 0.5 }: PauseRange): number =>
  Math.min(maxMs, minMs * 2 ** Math.min(failures, 30)) * (1 - jitter * Math.random());

/** See pauseMs. */
export function createBackoff({
  clock,
  ...range
}: PauseRange & { clock: Pick<MonotonicClock, 'sleep'> }): Backoff {
  let failures = 0;
  return {
    async pause(signal) {
      failures += 1;
      await clock.sleep(pauseMs(failures - 1, range), signal);
    },
    reset() {
      failures = 0;
    },
  };
}
