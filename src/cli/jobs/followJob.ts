import { isUnfinished, type Job } from '../../projections/record/viewRecord.ts';
import type { Jobs } from '../../projections/rebuild/jobs.ts';
import { monotonicClock } from '../../platform/clock.ts';
import { ReadModelError } from '../../projections/record/readModelError.ts';
import { CliError } from '../output/exit.ts';
import { jobPrinter } from '../output/jobLines.ts';

const POLL_MS = 250;

/**
 * Shows a job until it ends or `signal` aborts, and returns its last state. Says how to resume a
 * paused job. Waits while the read model is unreachable, as the job does, but ends if it refuses.
 * Throws CliError for an unknown job.
 */
export async function followJob(jobs: Pick<Jobs, 'get'>, id: string, signal: AbortSignal): Promise<Job> {
  const printer = jobPrinter(process.stdout);
  let last: Job | null = null;
  for (;;) {
    const job: Job | null = await jobs.get(id).catch((error: unknown) => {
      if (error instanceof ReadModelError && !error.isRefusal && last) return last;
      throw error;
    });
    if (!job) throw new CliError(`there is no job ${id}`);
    if (job.state === 'paused' && last?.state !== 'paused') {
      printer.clear();
      console.error(`padron: ${howToResume(job)}`);
    }
    last = job;
    if (isUnfinished(job)) {
      printer.show(job);
      await monotonicClock.sleep(POLL_MS, signal);
      if (!signal.aborted) continue;
    }
    printer.end(job);
    return job;
  }
}

const howToResume = ({ id }: Job): string =>
  `${id} is paused; to continue: npx padron projections resume ${id}`;

/**
 * Throws CliError for a job that did not succeed; `whileRunning` is the message for one that is
 * still running.
 */
export function requireDone(job: Job, whileRunning: string): void {
  const { id, state, error } = job;
  if (state === 'done') return;
  if (state === 'running') throw new CliError(whileRunning);
  // A paused job does not continue on its own.
  if (state === 'paused') throw new CliError(howToResume(job));
  throw new CliError(error === null ? `${id} is ${state}` : `${id} is ${state}: ${error}`);
}

/**
 * Runs `work` with a signal that Ctrl-C, SIGTERM and, unless the work goes on without a reader, a
 * closed pipe abort; a second Ctrl-C ends the process at once.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { needsReader = true }: { needsReader?: boolean } = {},
): Promise<T> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  if (needsReader) process.stdout.on('error', interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
