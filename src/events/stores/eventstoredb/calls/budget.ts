import { pauseMs } from '../../../../platform/backoff.ts';
import { monotonicClock } from '../../../../platform/clock.ts';
import type { Deadline } from '../../../../platform/deadline.ts';

const MIN_MS = 50;
const MIN_LEFT_MS = 40;

/**
 * Waits before repeating attempt number `attempt` (from 0): 50 ms, doubled each time up to
 * `maxMs`, shortened by up to half at random so that callers do not return at once. Ends early,
 * without an error, when the signal aborts.
 */
export async function backoff(
  attempt: number,
  maxMs: number,
  // Each call has its own: Node warns of a leak where many wait with one signal.
  signal = new AbortController().signal,
): Promise<void> {
  await monotonicClock.sleep(pauseMs(attempt, { minMs: MIN_MS, maxMs }), signal);
}

/**
 * A time limit that several steps share. Each may take half of what is left, so there is time for
 * another.
 */
export class Budget {
  readonly #end: number;
  readonly #least: number;
  readonly #deadline: Deadline | undefined;

  /** Ends after `deadlineMs`, or at the caller's deadline if that is earlier. */
  constructor({ deadlineMs, deadline }: { deadlineMs: number; deadline?: Deadline | undefined }) {
    this.#end = performance.now() + deadlineMs;
    this.#deadline = deadline;
    this.#least = Math.max(MIN_LEFT_MS, this.left / 10);
  }

  get left(): number {
    const own = Math.max(0, this.#end - performance.now());
    return Math.min(own, this.#deadline?.remainingMs() ?? Infinity);
  }

  /** Milliseconds for the next step, at least 20. */
  get step(): number {
    return Math.max(20, Math.ceil(this.left / 2));
  }

  /**
   * Whether too little is left for another step: a step cut short would leave an unknown outcome.
   */
  get spent(): boolean {
    return this.left < this.#least;
  }
}
