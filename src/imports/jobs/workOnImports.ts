import { waitUnlessAborted } from '../../platform/aborted.ts';
import { createBackoff } from '../../platform/backoff.ts';
import { settledWithin } from '../../platform/settledWithin.ts';
import { whileHolding, type Lease } from '../../platform/lease.ts';
import { IMPORTS } from '../../projections/rebuild/jobs.ts';
import { readJob, readViewRecord } from '../../projections/record/recordAccess.ts';
import { isUnfinished, unfinished } from '../../projections/record/viewRecord.ts';
import { watchAbsence } from './watchAbsence.ts';
import { runImportJob, type ImportJob, type ImportWork } from './importJob.ts';

/** How often an instance that has a list looks for its job, in milliseconds. */
const POLL_MS = 500;
const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;
/** How long stopping waits for the current batch, in milliseconds. */
const MAX_STOP_MS = 5_000;

export interface ImportWorker {
  /** Looks for a job now, because one has just begun here. */
  wake(): void;
  /** Stops after the current batch; the job continues when the instance with the list starts. */
  stop(): Promise<void>;
}

/**
 * Runs the unfinished import whose list this instance has, even if an earlier process began it, and
 * removes lists without an unfinished job. Watches an import whose list another instance has (see
 * watchAbsence).
 */
export function workOnImports(parts: ImportWork): ImportWorker {
  const { controls, leases, uploads, clock, timer, onEnd, onError } = parts;
  const stopping = new AbortController();
  const backoff = createBackoff({ minMs: MIN_PAUSE_MS, maxMs: MAX_PAUSE_MS, clock: timer });
  let nap = new AbortController();

  async function present(): Promise<ImportJob | null> {
    const record = await readViewRecord(controls, IMPORTS);
    const job = record && unfinished(record);
    return job?.import ? (job as ImportJob) : null;
  }

  async function look(): Promise<void> {
    const job = await present();
    await uploads.sweep(job?.import.upload ?? null);
    if (!job || !uploads.has(job.import.upload)) return;
    await whileHolding(leases, IMPORTS.name, stopping.signal, (lease) => workWhile(lease, job.id));
  }

  async function workWhile(lease: Lease, id: string): Promise<void> {
    const stop = AbortSignal.any([lease.lost, stopping.signal]);
    while (!stop.aborted) {
      const job = await present();
      if (job?.id !== id) {
        await tidyUp(id);
        return;
      }
      if (job.state === 'running') await runImportJob(parts, job, { stop, backoff });
      else await waitUnlessAborted(clock, POLL_MS, stop);
    }
  }

  /** Removes the list of a job that has ended, in its run or by a cancellation. */
  async function tidyUp(id: string): Promise<void> {
    const job = await readJob(controls, IMPORTS, id);
    if (!job?.import || isUnfinished(job)) return;
    await uploads.remove(job.import.upload);
    onEnd(job);
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      nap = new AbortController();
      try {
        if (uploads.any()) await look();
        backoff.reset();
      } catch (error) {
        onError(error as Error);
        await backoff.pause(stopping.signal);
      }
      await waitUnlessAborted(clock, POLL_MS, nap.signal);
    }
  }

  const working = work();
  const absence = watchAbsence(parts);
  return {
    wake() {
      nap.abort();
    },
    async stop() {
      stopping.abort();
      nap.abort();
      await Promise.all([settledWithin(MAX_STOP_MS, working, timer), absence.stop()]);
    },
  };
}
