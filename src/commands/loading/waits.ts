import { pauseMs } from '../../platform/backoff.ts';
import { waitUnlessAborted } from '../../platform/aborted.ts';
import { withinMs, type Deadline } from '../../platform/deadline.ts';
import type { Clock } from '../../platform/clock.ts';
import { EventStoreError } from '../../events/eventErrors.ts';
import { expectTimeLeft } from '../../events/eventStore.ts';

/** A command's total time in milliseconds: 10 s less the time that the answer itself may take. */
export const COMMAND_LIMIT_MS = 9_500;

/** Shortened by a random share, so that competing writers do not return at the same time. */
const PAUSE_MS = { minMs: 8, maxMs: 250, jitter: 1 };

/** Reads of a stream that lags behind a conflict, before its append is retried. */
const MAX_READS = 6;

/** The clock to wait on, and the deadline. */
export interface Waits {
  clock: Clock;
  deadline: Deadline;
}

/** Runs `work` with the caller's deadline, or with a new one if there is none. */
export const withDeadline = <T>(
  given: Deadline | undefined,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> => (given ? work(given) : withinMs(COMMAND_LIMIT_MS, work));

/** Waits `ms` milliseconds. Rejects with EventStoreError at the deadline. */
export async function pause(ms: number, { clock, deadline }: Waits): Promise<void> {
  await waitUnlessAborted(clock, ms, deadline.signal);
  expectTimeLeft({ deadline });
}

/**
 * The pause before retry number `repeat` (from 1). Rejects with EventStoreError
 * at the deadline.
 */
export const pauseBefore = (repeat: number, waits: Waits): Promise<void> =>
  pause(pauseMs(repeat - 1, PAUSE_MS), waits);

/**
 * Reads until `isThere`, up to `maxReads` times with growing pauses, and returns the last result
 * either way. For stores whose reads lag behind their appends. Rejects with EventStoreError at the
 * deadline.
 */
export async function readUntil<T>(
  read: () => Promise<T>,
  isThere: (found: T) => boolean,
  waits: Waits,
  maxReads = MAX_READS,
): Promise<T> {
  for (let reads = 1; ; reads += 1) {
    const found = await read();
    if (reads === maxReads || isThere(found)) return found;
    await pauseBefore(reads, waits);
  }
}

/** The error of a command that is still running at its deadline. */
export const deadlinePassed = (): EventStoreError =>
  new EventStoreError('the deadline has passed', { outcomeUnknown: true });

/**
 * Whether the store failed although the caller had time left: the next caller would meet the same
 * failure.
 */
export const isStoreAway = (error: unknown, deadline: Deadline | undefined): error is EventStoreError =>
  error instanceof EventStoreError && (deadline?.remainingMs() ?? 1) > 0;
