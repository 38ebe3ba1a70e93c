import { callAfter, monotonicClock, type MonotonicClock } from './monotonicClock.ts';

/** The time by which a piece of work, all its retries and waits included, must have ended. */
export interface Deadline {
  /** Aborts when the time is over, or earlier when the caller cancels the work. */
  readonly signal: AbortSignal;
  /** Milliseconds that are left; 0 when the time is over or the work was cancelled. */
  remainingMs(): number;
}

/** A deadline as its creator holds it. */
export interface OwnDeadline extends Deadline {
  /** Ends the time now: nobody waits for the work any more. */
  cancel(): void;
  /** The work has ended: releases the timer. The signal does not abort after this. */
  release(): void;
}

/**
 * A deadline `ms` from now on a monotonic clock. Release it when the work has ended. The timer starts when `signal` is
 * first read: work that never waits costs none.
 */
export function createDeadline(ms: number, clock: MonotonicClock = monotonicClock): OwnDeadline {
  const end = clock.now() + ms;
  let cancelled = false;
  let over: AbortController | null = null;
  let stopTimer: (() => void) | null = null;

  const remainingMs = (): number => (cancelled ? 0 : Math.max(0, end - clock.now()));

  /** A timer may fire a little early: the signal must not abort while time is left. */
  function abortAtEnd(controller: AbortController): void {
    const left = remainingMs();
    if (left <= 0) controller.abort();
    else {
      stopTimer = callAfter(clock, left, () => {
        abortAtEnd(controller);
      });
    }
  }

  return {
    remainingMs,
    get signal() {
      if (!over) {
        over = new AbortController();
        abortAtEnd(over);
      }
      return over.signal;
    },
    cancel() {
      cancelled = true;
      stopTimer?.();
      over?.abort();
    },
    release() {
      stopTimer?.();
    },
  };
}

/** The deadline of work that several callers share: its time is over when it is over for each of them. */
export function latestOf(deadlines: readonly Deadline[]): Deadline {
  let over: AbortController | null = null;

  const remainingMs = (): number => Math.max(0, ...deadlines.map((deadline) => deadline.remainingMs()));

  return {
    remainingMs,
    get signal() {
      if (over) return over.signal;
      const controller = (over = new AbortController());
      let left = deadlines.length;
      for (const { signal } of deadlines) {
        const leave = (): void => {
          left -= 1;
          if (left === 0) controller.abort();
        };
        if (signal.aborted) leave();
        else signal.addEventListener('abort', leave, { once: true });
      }
      return controller.signal;
    },
  };
}
