import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadline } from '../../../../platform/deadline.ts';

const FIRST_MS = 50;
const MIN_LEFT_MS = 40;

/**
 * Waits before try number `attempt` (from 0) is repeated: 50 ms, doubled each time up to `longestMs`, less up to a half by
 * chance so that many callers do not come back at once. Ends early, without an error, when the signal aborts.
 */
export async function backoff(attempt: number, longestMs: number, signal?: AbortSignal): Promise<void> {
  const ms = Math.min(longestMs, FIRST_MS * 2 ** Math.min(attempt, 20));
  try {
    await sleep(ms * (0.5 + Math.random() / 2), undefined, { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** A span of time that several steps share: each may take half of what is left, so that there is always a next one. */
export class Budget {
  readonly #end: number;
  readonly #least: number;
  readonly #deadline: Deadline | undefined;

  /** `deadlineMs` from now, or the caller's deadline if that is earlier. */
  constructor({ deadlineMs, deadline }: { deadlineMs: number; deadline?: Deadline | undefined }) {
    this.#end = performance.now() + deadlineMs;
    this.#deadline = deadline;
    this.#least = Math.max(MIN_LEFT_MS, this.left / 10);
  }

  get left(): number {
    const own = Math.max(0, this.#end - performance.now());
    return Math.min(own, this.#deadline?.remainingMs() ?? Infinity);
  }

  /** Milliseconds for the next step, 20 at least. */
  get step(): number {
    return Math.max(20, Math.ceil(this.left / 2));
  }

  /** Whether too little is left for another step: one that is cut short leaves an unknown outcome. */
  get spent(): boolean {
    return this.left < this.#least;
  }
}
