import { setTimeout as timeout } from 'node:timers/promises';

/** Time as waits and deadlines measure it; tests hand in another one. */
export interface MonotonicClock {
  /** Milliseconds that only ever grow. Their zero means nothing outside this process. */
  now(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The clock of this process. A corrected wall clock does not change it. */
export const monotonicClock: MonotonicClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => timeout(ms, undefined, { signal }).catch(() => undefined),
};
