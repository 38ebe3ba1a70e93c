import { createHash } from 'node:crypto';
import { isUnfinished, type Job } from '../../projections/record/viewRecord.ts';
import { monotonicClock, type MonotonicClock as Clock } from '../../platform/clock.ts';
import { presentJob } from '../../presentation/presentJob.ts';

/** How often the job's record is read, in milliseconds. */
const POLL_MS = 500;
/**
 * Silence after which a comment is sent, in milliseconds: proxies give up on a connection after 30
 * s or more.
 */
const HEARTBEAT_MS = 15_000;
/**
 * How long an EventSource waits before it reconnects, in milliseconds; browsers' defaults are up to
 * 5 s.
 */
const RETRY_MS = 1_000;

/**
 * The id of the event for this state of a job: the same on every instance, so that reconnecting
 * clients are recognised.
 */
export const eventIdOf = (job: Job): string =>
  createHash('sha256').update(dataOf(job)).digest('base64url').slice(0, 12);

/**
 * Streams the job as Server-Sent Events: its state now and after each change, with keep-alive
 * comments. Ends after the final state, when the job has been pruned, when the caller may no longer
 * see it, or when `signal` aborts. A failed poll is retried.
 */
export async function* jobEvents(
  first: Job,
  {
    look,
    isStillAllowed,
    signal,
    clock = monotonicClock,
  }: {
    look(): Promise<Job | null>;
    isStillAllowed?: () => Promise<boolean>;
    signal: AbortSignal;
    clock?: Pick<Clock, 'sleep'>;
  },
): AsyncGenerator<string> {
  yield `retry: ${RETRY_MS}\n\n${frameOf(first)}`;
  let sent = frameOf(first);
  let silentMs = 0;
  let job: Job | null = first;
  while (isUnfinished(job)) {
    await clock.sleep(POLL_MS, signal);
    silentMs += POLL_MS;
    if (signal.aborted || (isStillAllowed && !(await isStillAllowed()))) return;
    job = await look().catch(() => job);
    if (!job) return;
    const frame = frameOf(job);
    if (frame !== sent) yield frame;
    else if (silentMs >= HEARTBEAT_MS) yield ':\n\n';
    else continue;
    sent = frame;
    silentMs = 0;
  }
}

const frameOf = (job: Job): string => `id: ${eventIdOf(job)}\nevent: job\ndata: ${dataOf(job)}\n\n`;

const dataOf = (job: Job): string => JSON.stringify(presentJob(job));
