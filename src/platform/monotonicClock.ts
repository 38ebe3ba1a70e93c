import { setTimeout as timeout } from 'node:timers/promises';

/** Time as waits and deadlines measure it; tests hand in another one. */
export interface MonotonicClock {
  /** Milliseconds that only ever grow. Their zero means nothing outside this process. */
  now(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `run` after `ms`, unless the returned function is called before. Cheaper than a sleep that is mostly cut short. */
  after?(ms: number, run: () => void): () => void;
}

/** The clock of this process. A corrected wall clock does not change it. */
export const monotonicClock: MonotonicClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => timeout(ms, undefined, { signal }).catch(() => undefined),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** `after` of a clock, by its `sleep` where it has none. */
export function callAfter(clock: MonotonicClock, ms: number, run: () => void): () => void {
  if (clock.after) return clock.after(ms, run);
  const stopped = new AbortController();
  void clock.sleep(ms, stopped.signal).then(() => {
    if (!stopped.signal.aborted) run();
  });
  return () => {
    stopped.abort();
  };
}
