import { waitUnlessAborted } from '../../platform/aborted.ts';
import { readJob, readViewRecord } from '../../projections/record/recordAccess.ts';
import { unfinished, type Job } from '../../projections/record/viewRecord.ts';
import { VERIFICATIONS } from '../../projections/rebuild/jobs.ts';
import { whileHolding, type Lease } from '../../platform/lease.ts';
import { runVerifyJob, type VerifyJobDependencies, type RunVerification } from './verifyJob.ts';

/** How often the lease holder looks for a job, in milliseconds. */
const POLL_MS = 500;
/** Pause after the read model did not answer, in milliseconds. */
const RETRY_MS = 1_000;

export interface VerifyWorker {
  /** Stops; the running job is left to the next lease holder. */
  stop(): Promise<void>;
}

/**
 * Runs verification jobs while this process holds their lease; waits for the lease otherwise. A job
 * whose process died is run from the start. `onJob` gets each job that was run, `onError` why jobs
 * could not be looked for.
 */
export function keepVerifying({
  onJob,
  onError,
  run: runJob,
  ...dependencies
}: VerifyJobDependencies & {
  onJob(job: Job): void;
  onError(error: Error): void;
  /** Default: in this thread, which is right for stores that answer over a network. */
  run?: RunVerification;
}): VerifyWorker {
  const { leases, controls } = dependencies.readModel;
  const { clock } = dependencies;
  const stopping = new AbortController();

  async function work(lease: Lease): Promise<void> {
    const signal = AbortSignal.any([lease.lost, stopping.signal]);
    while (!signal.aborted) {
      const record = await readViewRecord(controls, VERIFICATIONS);
      const job = record && unfinished(record);
      if (job?.state === 'running') {
        await (runJob ? runJob(job, signal) : runVerifyJob(dependencies, job, signal));
        const after = await readJob(controls, VERIFICATIONS, job.id);
        if (after) onJob(after);
      }
      await waitUnlessAborted(clock, POLL_MS, signal);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await whileHolding(leases, VERIFICATIONS.name, stopping.signal, work);
      } catch (error) {
        onError(error as Error);
        await waitUnlessAborted(clock, RETRY_MS, stopping.signal);
      }
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
