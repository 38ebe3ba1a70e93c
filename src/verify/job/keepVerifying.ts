import { waitUnlessAborted } from '../../platform/aborted.ts';
import { unfinished, type Job } from '../../projections/ports/viewRecord.ts';
import { VERIFICATIONS } from '../../projections/rebuild/jobs.ts';
import type { Lease } from '../../projections/ports/lease.ts';
import { runVerifyJob, type VerifyJobDependencies } from './verifyJob.ts';
import type { RunVerification } from '../../embedded/verifyThread.ts';

/** How often the holder of the lease looks for a job, in milliseconds. */
const LOOK_MS = 500;
/** Pause after the storage did not answer, in milliseconds. */
const RETRY_MS = 1_000;

export interface VerifyWorker {
  /** Leaves the job in hand to the next holder. */
  stop(): Promise<void>;
}

/**
 * Works on the verifications that anybody begins, while this process holds their lease; stands by otherwise. One that was left by a
 * process that died is begun anew. `onJob` is told what became of each, `onError` why it cannot be looked for any.
 */
export function keepVerifying({
  onJob,
  onError,
  run: runJob,
  ...dependencies
}: VerifyJobDependencies & {
  onJob(job: Job): void;
  onError(error: Error): void;
  /** Left out: in this thread, which is right where the stores answer over a network. */
  run?: RunVerification;
}): VerifyWorker {
  const { leases, controls } = dependencies.readModel;
  const { clock } = dependencies;
  const stopping = new AbortController();

  async function find(id: string): Promise<Job | null> {
    const stored = await controls.read(VERIFICATIONS);
    return stored?.control.jobs.find((one) => one.id === id) ?? null;
  }

  async function work(lease: Lease): Promise<void> {
    const signal = AbortSignal.any([lease.lost, stopping.signal]);
    while (!signal.aborted) {
      const stored = await controls.read(VERIFICATIONS);
      const job = stored && unfinished(stored.control);
      if (job?.state === 'running') {
        await (runJob ? runJob(job, signal) : runVerifyJob(dependencies, job, signal));
        const after = await find(job.id);
        if (after) onJob(after);
      }
      await waitUnlessAborted(clock, LOOK_MS, signal);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      let lease: Lease | null = null;
      try {
        lease = await leases.acquire(VERIFICATIONS.name, { signal: stopping.signal });
        if (lease) await work(lease);
      } catch (error) {
        onError(error as Error);
        await waitUnlessAborted(clock, RETRY_MS, stopping.signal);
      } finally {
        // Where the storage does not answer, it ends like that of a holder that died.
        await lease?.release().catch(() => undefined);
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
