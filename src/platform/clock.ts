import { setTimeout as timeout } from 'node:timers/promises';

/** The wall clock; tests pass their own. */
export interface Clock {
  /** The present instant, RFC 3339 in UTC with milliseconds. */
  now(): string;
  /** Resolves after `ms` milliseconds. */
  wait(ms: number): Promise<void>;
}

let lastMs = 0;
let lastText = '';

/** The machine's own time. */
export const systemClock: Clock = {
  now() {
    // Many events share a millisecond, and formatting costs more than reading the time.
    const ms = Date.now();
    if (ms !== lastMs) {
      lastMs = ms;
      lastText = new Date(ms).toISOString();
    }
    return lastText;
  },
  wait: (ms) => timeout(ms),
};

/** The clock for waits and deadlines; tests pass their own. */
export interface MonotonicClock {
  /** Milliseconds that never decrease; only comparable within this process. */
  now(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /**
   * Calls `run` after `ms` unless the returned function is called first. Cheaper than a sleep that
   * is usually cancelled.
   */
  after?(ms: number, run: () => void): () => void;
}

/** The clock of this process. Corrections of the wall clock do not affect it. */
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

/** The clock's `after`, or the same by means of its `sleep`. */
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

/**
 * A clock that stands still while one of its sleeps is overdue. For judging whether something has
 * stopped moving: while this process gets no processor time, nothing that depends on it moves. One per
 * loop, because sleeps must not overlap.
 */
export function runningClock({ now, sleep }: MonotonicClock): MonotonicClock {
  let lateMs = 0;
  let due = Infinity;
  return {
    // After a pause, other callbacks run before the overdue sleep ends. They must not see a later time.
    now: () => Math.min(now(), due) - lateMs,
    async sleep(ms, signal) {
      const own = now() + ms;
      due = own;
      await sleep(ms, signal);
      lateMs += Math.max(0, now() - own);
      if (due === own) due = Infinity;
    },
  };
}
