import { callAfter, monotonicClock, type MonotonicClock } from './clock.ts';

/** The time by which some work, with all its retries and waits, must have ended. */
export interface Deadline {
  /**
   * Calls `run` once when the time is up, or earlier if the caller cancels the work; at once if either has
   * already happened. The returned function withdraws `run`. Cheaper than the signal.
   */
  onOver(run: () => void): () => void;
  /** Aborts when the time is up, or earlier if the caller cancels the work. */
  readonly signal: AbortSignal;
  /** Milliseconds left; 0 when the time is up or the work was cancelled. */
  remainingMs(): number;
}

/** A deadline and the means to end it. */
export interface OwnDeadline extends Deadline {
  /** Ends the time now, because the caller no longer waits. */
  cancel(): void;
  /** The work has ended: releases the timer. No callback runs and the signal does not abort afterwards. */
  release(): void;
}

/**
 * A deadline `ms` milliseconds from now on a monotonic clock. Release it when the work has ended.
 * The timer starts with the first callback, so work that never waits has none.
 */
export const createDeadline = (ms: number, clock: MonotonicClock = monotonicClock): OwnDeadline =>
  new TimedDeadline(ms, clock);

/** Runs work with a deadline `ms` milliseconds from now. */
export async function withinMs<T>(
  ms: number,
  work: (deadline: OwnDeadline) => Promise<T>,
  clock?: MonotonicClock,
): Promise<T> {
  const deadline = createDeadline(ms, clock);
  try {
    return await work(deadline);
  } finally {
    deadline.release();
  }
}

/** The deadline of work that several callers share: the latest of theirs. */
export const latestOf = (deadlines: readonly Deadline[]): Deadline => new LatestDeadline(deadlines);

/** Settles like `work`, or rejects with `failure()` at the deadline if there is one; the outcome of `work` is then ignored. */
export function beforeDeadline<T>(
  deadline: Deadline | undefined,
  work: Promise<T>,
  failure: () => Error,
): Promise<T> {
  if (!deadline) return work;
  return new Promise((resolve, reject) => {
    const withdraw = deadline.onOver(() => {
      reject(failure());
    });
    const succeed = (value: T): void => {
      withdraw();
      resolve(value);
    };
    const fail = (error: Error): void => {
      withdraw();
      reject(error);
    };
    work.then(succeed, fail);
  });
}

/** The callbacks of a deadline. A class, because every request creates one and closures take more memory. */
abstract class Ending implements Deadline {
  #hasEnded = false;
  #callbacks: (() => void)[] | null = null;
  #over: AbortController | null = null;

  onOver(run: () => void): () => void {
    if (this.#hasEnded || this.remainingMs() <= 0) {
      run();
      return NOTHING;
    }
    const isFirst = this.#callbacks === null;
    const callbacks = (this.#callbacks ??= []);
    callbacks.push(run);
    if (isFirst) this.watch();
    return () => {
      const at = callbacks.indexOf(run);
      if (at >= 0) callbacks.splice(at, 1);
    };
  }

  get signal(): AbortSignal {
    if (this.#over) return this.#over.signal;
    const over = (this.#over = new AbortController());
    this.onOver(() => {
      over.abort();
    });
    return over.signal;
  }

  abstract remainingMs(): number;

  /** Starts waiting for the end. */
  protected abstract watch(): void;

  protected end(): void {
    this.#hasEnded = true;
    for (const run of this.#callbacks?.splice(0) ?? []) run();
  }
}

class TimedDeadline extends Ending implements OwnDeadline {
  readonly #clock: MonotonicClock;
  readonly #end: number;
  #isCancelled = false;
  #isReleased = false;
  #stopTimer: () => void = NOTHING;

  constructor(ms: number, clock: MonotonicClock) {
    super();
    this.#clock = clock;
    this.#end = clock.now() + ms;
  }

  remainingMs(): number {
    return this.#isCancelled ? 0 : Math.max(0, this.#end - this.#clock.now());
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#stopTimer();
    this.end();
  }

  release(): void {
    this.#isReleased = true;
    this.#stopTimer();
  }

  /** Timers may fire slightly early; no callback runs while time is left. */
  protected watch(): void {
    if (this.#isReleased) return;
    const left = this.remainingMs();
    if (left > 0)
      this.#stopTimer = callAfter(this.#clock, left, () => {
        this.watch();
      });
    else this.end();
  }
}

class LatestDeadline extends Ending {
  readonly #deadlines: readonly Deadline[];

  constructor(deadlines: readonly Deadline[]) {
    super();
    this.#deadlines = deadlines;
  }

  remainingMs(): number {
    return Math.max(0, ...this.#deadlines.map((deadline) => deadline.remainingMs()));
  }

  protected watch(): void {
    let left = this.#deadlines.length;
    for (const deadline of this.#deadlines) {
      deadline.onOver(() => {
        left -= 1;
        if (left === 0) this.end();
      });
    }
  }
}

const NOTHING = (): void => undefined;
