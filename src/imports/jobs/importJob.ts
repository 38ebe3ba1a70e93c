import { reasonOf } from '../../platform/padronError.ts';
import type { Clock, MonotonicClock } from '../../platform/clock.ts';
import { runEvery } from '../../platform/concurrency/runEvery.ts';
import { isUnreachable } from '../../platform/storeError.ts';
import type { Backoff } from '../../platform/backoff.ts';
import { changeViewRecord } from '../../projections/record/recordAccess.ts';
import type { Leases } from '../../platform/lease.ts';
import type { ListImport, Reason } from '../../projections/record/listImport.ts';
import {
  STANDSTILL,
  unfinished,
  withChange,
  withEnd,
  type Job,
  type ViewRecord,
  type ViewRecords,
} from '../../projections/record/viewRecord.ts';
import { trackProgress } from '../../projections/rebuild/jobProgress.ts';
import { IMPORTS } from '../../projections/rebuild/jobs.ts';
import { tracedJob } from '../../tracing/tracedEvents.ts';
import { ListError } from '../list/listError.ts';
import { HTTP } from '../reasons/door.ts';
import { reasonText } from '../reasons/reasonTexts.ts';
import type { ImportProgress, RunImport } from './runImport.ts';
import type { Uploads } from './uploads.ts';

export type ImportJob = Job & { import: ListImport };

export interface ImportWork {
  controls: ViewRecords;
  leases: Leases;
  uploads: Uploads;
  run: RunImport;
  clock: Clock;
  timer: MonotonicClock;
  /** Called with each job that has ended. */
  onEnd(job: Job): void;
  onProgress(before: ImportProgress['counts'], after: ImportProgress['counts']): void;
  onError(error: Error): void;
}

/** Refused lines that are stored with a job; all are counted. */
const MAX_STORED_REFUSALS = 1_000;
/** How often progress is saved and a pause or cancellation noticed, in milliseconds. */
const SAVE_MS = 250;

/**
 * Runs an import job from its recorded progress until it is done, paused or cancelled, or `stop`
 * aborts. Records each stored batch, so that a later run counts every line once. After a pause it
 * returns if a store is unreachable or refuses; a list that cannot be imported ends the job. Rejects with
 * ReadModelError if the record cannot be read or changed.
 */
export async function runImportJob(
  work: ImportWork,
  job: ImportJob,
  { stop, backoff }: { stop: AbortSignal; backoff: Backoff },
): Promise<void> {
  const { uploads, run, timer, clock } = work;
  const leaving = new AbortController();
  const signal = AbortSignal.any([stop, leaving.signal]);
  const record = recorder(work, job, () => {
    leaving.abort();
  });
  // If the read model does not answer, the end of the job reports it.
  const saving = runEvery(record.save, SAVE_MS, timer, signal);

  async function runOnce(): Promise<boolean> {
    const { upload } = job.import;
    const task = {
      file: uploads.fileOf(upload),
      order: await uploads.orderOf(upload),
      from: job.import.counts,
      isDryRun: false,
    };
    return run(task, record.note, signal);
  }

  try {
    const isWhole = await tracedJob(job, runOnce);
    leaving.abort();
    await saving;
    if (isWhole) {
      await record.end('done', { share: 1, error: null }, clock.now());
      backoff.reset();
    } else await record.leave();
  } catch (error) {
    leaving.abort();
    await saving;
    if (isUnreachable(error)) {
      await record.leave(reasonOf(error));
      await backoff.pause(stop);
      return;
    }
    const why = error instanceof ListError ? failed(error.reason) : { error: reasonOf(error) };
    await record.end('failed', why, clock.now());
  }
}

interface Recorder {
  /** Takes over progress, to be saved soon. */
  note(progress: ImportProgress): void;
  /** Saves the progress, or notices that the job is no longer running. */
  save(): Promise<void>;
  /** Saves the progress even if the job has ended meanwhile. */
  leave(error?: string): Promise<void>;
  end(how: 'done' | 'failed', rest: Ending, at: string): Promise<void>;
}

/** Why an import failed; `failure` if the list is the cause. */
interface Failed {
  error: string;
  failure?: Reason;
}

type Ending = Failed | { share: 1; error: null; failure?: undefined };

const failed = (failure: Reason): Failed => ({ error: reasonText(failure, HTTP), failure });

function recorder({ controls, timer, onProgress }: ImportWork, job: ImportJob, onOver: () => void): Recorder {
  const { id } = job;
  // An instance works on it again, so the earlier obstacle is gone.
  let list: ListImport = { ...job.import, failure: null };
  let error: string | null = null;
  const before = job.import.counts.lines;
  const track = trackProgress({ before, share: job.share, startMs: timer.now() });

  const change = (decide: (record: ViewRecord) => ViewRecord | null): Promise<ViewRecord | null> =>
    changeViewRecord(controls, IMPORTS, decide);
  /** The record with what was stored, even after a cancellation; null if it forgot the job. */
  function withImported(record: ViewRecord, present: ListImport): ViewRecord | null {
    if (!record.jobs.some((one) => one.id === id)) return null;
    const change = { processed: present.counts.lines, import: present };
    return { ...record, jobs: record.jobs.map((one) => (one.id === id ? { ...one, ...change } : one)) };
  }
  const progress = (): Partial<Job> => ({ ...track.at(timer.now()), error, import: list });

  return {
    note({ counts, refused, share, list: kind }) {
      onProgress(list.counts, counts);
      const room = MAX_STORED_REFUSALS - list.refused.length;
      list = { ...list, list: kind, counts, refused: [...list.refused, ...refused.slice(0, room)] };
      track.note({ events: counts.lines - before, share }, timer.now());
    },
    async save() {
      const saved = await change((record) => {
        const now = unfinished(record);
        const isRunning = now?.id === id && now.state === 'running';
        return isRunning ? withChange(record, id, progress()) : null;
      });
      if (!saved) onOver();
    },
    async leave(reason) {
      error = reason ?? null;
      await change((record) => {
        const saved = withImported(record, list);
        const rest = { ...progress(), ...STANDSTILL };
        return (saved && withChange(saved, id, rest)) ?? saved;
      });
    },
    async end(how, { failure = null, ...rest }, at) {
      await change((record) => {
        const saved = withImported(record, { ...list, failure });
        return (saved && withEnd(saved, id, how, at, rest)) ?? saved;
      });
    },
  };
}
