import type { MonotonicClock } from './clock.ts';

/** Pauses between failed attempts, each twice as long as the one before. */
export interface Backoff {
  /** Resolves after the next pause, or as soon as `signal` aborts; never rejects. */
  pause(signal: AbortSignal): Promise<void>;
  /** Call after a success: the next pause is the shortest again. */
  reset(): void;
}

/**
 * Pauses of `minMs` to `maxMs` milliseconds, each shortened by up to half at random, so that
 * processes that failed together do not retry together.
 */
export function createBackoff({
  minMs,
  maxMs,
  clock,
}: {
  minMs: number;
  maxMs: number;
  clock: Pick<MonotonicClock, 'sleep'>;
}): Backoff {
  let nextMs = minMs;
  return {
    async pause(signal) {
      const ms = nextMs * (0.5 + Math.random() / 2);
      nextMs = Math.min(nextMs * 2, maxMs);
      await clock.sleep(ms, signal);
    },
    reset() {
      nextMs = minMs;
    },
  };
}
