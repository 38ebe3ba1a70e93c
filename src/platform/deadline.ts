import { callAfter, monotonicClock, type MonotonicClock } from './clock.ts';

/** The time by which some work, with all its retries and waits, must have ended. */
export interface Deadline {
  /** Aborts when the time is up, or earlier if the caller cancels the work. */
  readonly signal: AbortSignal;
  /** Milliseconds left; 0 when the time is up or the work was cancelled. */
  remainingMs(): number;
}

/** A deadline and the means to end it. */
export interface OwnDeadline extends Deadline {
  /** Ends the time now, because the caller no longer waits. */
  cancel(): void;
  /** The work has ended: releases the timer. The signal does not abort afterwards. */
  release(): void;
}

/**
 * A deadline `ms` milliseconds from now on a monotonic clock. Release it when the work has ended.
 * The timer starts when `signal` is first read, so work that never waits has none.
 */
export function createDeadline(ms: number, clock: MonotonicClock = monotonicClock): OwnDeadline {
  const end = clock.now() + ms;
  let cancelled = false;
  let over: AbortController | null = null;
  let stopTimer: (() => void) | null = null;

  const remainingMs = (): number => (cancelled ? 0 : Math.max(0, end - clock.now()));

  /** Timers may fire slightly early; the signal must not abort while time is left. */
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

/** The deadline of work that several callers share: it ends when the last of theirs does. */
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
