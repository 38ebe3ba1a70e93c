import { reasonOf } from '../../platform/padronError.ts';
import { waitUnlessAborted } from '../../platform/aborted.ts';
import type { Clock } from '../../platform/clock.ts';
import {
  unfinished,
  withChange,
  withEnd,
  type ViewRecord,
  type ViewRecords,
  type Job,
} from '../../projections/record/viewRecord.ts';
import { VERIFICATIONS } from '../../projections/rebuild/jobs.ts';
import { isUnreachable } from '../../platform/storeError.ts';
import type { RetryPolicy } from './retryWhileUnreachable.ts';

/** How often progress is saved and a pause or cancellation noticed, in milliseconds. */
const SAVE_MS = 1_000;
/** How often a paused job checks whether it may continue, in milliseconds. */
const LOOK_MS = 250;
const MIN_PAUSE_MS = 200;
const MAX_PAUSE_MS = 10_000;

/** A verification's record while this process runs it. */
export interface RunningJob {
  /** Aborts when the work must stop: the job has ended or was cancelled, or the worker stops. */
  signal: AbortSignal;
  /** With this policy, an outage of the stores pauses the work, and the record reports it. */
  patience: RetryPolicy;
  /**
   * Records progress (saved at most once a second). Resolves when the job may continue, so a paused
   * job waits here.
   */
  note(progress: Partial<Job>): Promise<void>;
  /** Resolves after `ms` milliseconds, or when the work must stop. */
  wait(ms: number): Promise<void>;
  /** Ends the job unless it has ended; waits while it is paused. */
  end(how: 'done' | 'failed', rest: Partial<Job>): Promise<void>;
}

export function runningJob({
  controls,
  id,
  clock,
  stop,
}: {
  controls: ViewRecords;
  id: string;
  clock: Clock;
  stop: AbortSignal;
}): RunningJob {
  const leaving = new AbortController();
  const signal = AbortSignal.any([stop, leaving.signal]);
  let progress: Partial<Job> = {};
  let savedAt = -Infinity;
  let pause = MIN_PAUSE_MS;
  let rest: Promise<void> | null = null;

  const wait = (ms: number): Promise<void> => waitUnlessAborted(clock, ms, signal);

  /**
   * Changes the record, retrying against other writers. Returns the job before the change, null if
   * it has ended.
   */
  async function change(decide: (control: ViewRecord, job: Job) => ViewRecord | null): Promise<Job | null> {
    for (;;) {
      const stored = await controls.read(VERIFICATIONS);
      const job = stored && unfinished(stored.control);
      if (!stored || job?.id !== id) return null;
      const next = decide(stored.control, job);
      if (!next || (await controls.replace(VERIFICATIONS, stored, next))) return job;
    }
  }

  async function save(): Promise<void> {
    while (!signal.aborted) {
      const job = await change((control, { state }) =>
        state === 'running' ? withChange(control, id, progress) : null,
      );
      savedAt = performance.now();
      if (!job) leaving.abort();
      if (job?.state !== 'paused') return;
      await wait(LOOK_MS);
    }
  }

  async function restAfter(error: Error): Promise<void> {
    progress = { ...progress, error: reasonOf(error), eventsPerSecond: 0, etaSeconds: null };
    // The record's own store may be the unreachable one.
    await save().catch(() => undefined);
    await wait(pause * (0.5 + Math.random() / 2));
    pause = Math.min(2 * pause, MAX_PAUSE_MS);
    rest = null;
  }

  return {
    signal,
    patience: {
      async afterFailure(error) {
        if (!isUnreachable(error) || signal.aborted) throw error;
        // Concurrent reads fail together; they share one pause.
        rest ??= restAfter(error);
        await rest;
      },
      afterSuccess() {
        pause = MIN_PAUSE_MS;
      },
    },
    async note(now) {
      progress = { ...progress, ...now };
      if (performance.now() - savedAt >= SAVE_MS) await save();
    },
    wait,
    async end(how, last) {
      while (!signal.aborted) {
        await save();
        const job = await change((control, { state }) =>
          state === 'running' ? withEnd(control, id, how, clock.now(), last) : null,
        );
        if (job?.state !== 'paused') return;
      }
    },
  };
}
