import { reasonOf } from '../../platform/padronError.ts';
import { pauseMs } from '../../platform/backoff.ts';
import { waitUnlessAborted } from '../../platform/aborted.ts';
import type { Clock } from '../../platform/clock.ts';
import {
  STANDSTILL,
  unfinished,
  withChange,
  withEnd,
  type ViewRecord,
  type ViewRecords,
  type Job,
} from '../../projections/record/viewRecord.ts';
import { changeViewRecord } from '../../projections/record/recordAccess.ts';
import { VERIFICATIONS } from '../../projections/rebuild/jobs.ts';
import { createRetryPolicy, type RetryPolicy } from './retryWhileUnreachable.ts';

/** How often progress is saved and a pause or cancellation noticed, in milliseconds. */
const SAVE_MS = 1_000;
/** How often a paused job checks whether it may continue, in milliseconds. */
const POLL_MS = 250;
const PAUSE_MS = { minMs: 200, maxMs: 10_000 };

/** A verification's record while this process runs it. */
export interface RunningJob {
  /** Aborts when the work must stop: the job has ended or was cancelled, or the worker stops. */
  signal: AbortSignal;
  /** With this policy, an outage of the stores pauses the work, and the record reports it. */
  retryPolicy: RetryPolicy;
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

  const wait = (ms: number): Promise<void> => waitUnlessAborted(clock, ms, signal);

  /** Changes the record. Returns the job before the change, null if it has ended. */
  async function change(decide: (control: ViewRecord, job: Job) => ViewRecord | null): Promise<Job | null> {
    let before: Job | null = null;
    await changeViewRecord(controls, VERIFICATIONS, (control) => {
      const job = unfinished(control);
      before = job?.id === id ? job : null;
      return before && decide(control, before);
    });
    return before;
  }

  async function save(): Promise<void> {
    while (!signal.aborted) {
      const job = await change((control, { state }) =>
        state === 'running' ? withChange(control, id, progress) : null,
      );
      savedAt = performance.now();
      if (!job) leaving.abort();
      if (job?.state !== 'paused') return;
      await wait(POLL_MS);
    }
  }

  async function pauseAfter(error: Error, failures: number): Promise<void> {
    progress = { ...progress, error: reasonOf(error), ...STANDSTILL };
    // The record's own store may be the unreachable one.
    await save().catch(() => undefined);
    await wait(pauseMs(failures - 1, PAUSE_MS));
  }

  return {
    signal,
    retryPolicy: createRetryPolicy(signal, pauseAfter),
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
