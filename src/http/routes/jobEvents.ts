import { createHash } from 'node:crypto';
import { isUnfinished, type Job } from '../../projections/record/viewRecord.ts';
import { monotonicClock, type MonotonicClock as Clock } from '../../platform/clock.ts';
import { presentJob } from '../../presentation/presentJob.ts';

/** How often the job's record is looked at, in milliseconds. */
const LOOK_MS = 500;
/** Silence after which a comment is sent, in milliseconds: proxies give up on a connection after 30 s and more. */
const HEARTBEAT_MS = 15_000;
/** How long an EventSource waits before it connects again, in milliseconds; browsers wait up to 5 s by themselves. */
const RETRY_MS = 1_000;

/** The id of the event that tells this state of a job: the same on any instance, so that whoever connects again is recognised. */
export const eventIdOf = (job: Job): string =>
  createHash('sha256').update(dataOf(job)).digest('base64url').slice(0, 12);

/**
 * A job as Server-Sent Events: as it is, then whenever it has changed, with a comment now and then; ends behind the state that the job ends in,
 * when it is forgotten, when the caller may not see it any more, and when `signal` aborts. A `look` that fails is repeated: what was told still stands.
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
  let told = frameOf(first);
  let silentMs = 0;
  let job: Job | null = first;
  while (isUnfinished(job)) {
    await clock.sleep(LOOK_MS, signal);
    silentMs += LOOK_MS;
    if (signal.aborted || (isStillAllowed && !(await isStillAllowed()))) return;
    job = await look().catch(() => job);
    if (!job) return;
    const frame = frameOf(job);
    if (frame !== told) yield frame;
    else if (silentMs >= HEARTBEAT_MS) yield ':\n\n';
    else continue;
    told = frame;
    silentMs = 0;
  }
}

const frameOf = (job: Job): string => `id: ${eventIdOf(job)}\nevent: job\ndata: ${dataOf(job)}\n\n`;

const dataOf = (job: Job): string => JSON.stringify(presentJob(job));
