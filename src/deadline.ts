import { monotonicClock, type MonotonicClock } from './monotonicClock.ts';

/** The time by which a piece of work, all its retries and waits included, must have ended. */
export interface Deadline {
  /** Aborts when the time is over, or earlier when the caller cancels the work. */
  readonly signal: AbortSignal;
  /** Milliseconds that are left; 0 when the time is over or the work was cancelled. */
  remainingMs(): number;
}

/** A deadline as held by whoever set it. */
export interface OwnDeadline extends Deadline {
  /** Ends the time now: the work is not wanted any more. */
  cancel(): void;
  /** The work has ended: releases the timer. The signal does not abort after this. */
  release(): void;
}

/**
 * A deadline `ms` from now on a monotonic clock. Release it when the work has ended. The timer is only started when `signal`
 * is first read: work that never waits costs none.
 */
export function createDeadline(ms: number, clock: MonotonicClock = monotonicClock): OwnDeadline {
  const end = clock.now() + ms;
  const released = new AbortController();
  let cancelled = false;
  let over: AbortController | null = null;

  const remainingMs = (): number => (cancelled ? 0 : Math.max(0, end - clock.now()));

  /** A timer may fire a little early: the signal must not abort while time is left. */
  async function abortAtEnd(controller: AbortController): Promise<void> {
    while (remainingMs() > 0 && !released.signal.aborted) await clock.sleep(remainingMs(), released.signal);
    if (!released.signal.aborted) controller.abort();
  }

  return {
    remainingMs,
    get signal() {
      if (!over) {
        over = new AbortController();
        if (remainingMs() > 0) void abortAtEnd(over);
        else over.abort();
      }
      return over.signal;
    },
    cancel() {
      cancelled = true;
      released.abort();
      over?.abort();
    },
    release() {
      released.abort();
    },
  };
}
