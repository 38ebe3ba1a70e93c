import { isUnfinished, type Job } from '../projections/control.ts';
import type { Jobs } from '../projections/jobs.ts';
import { monotonicClock } from '../projections/lease.ts';
import { ReadModelError } from '../projections/readModel.ts';
import { CliError } from './exit.ts';
import { jobPrinter } from './jobLines.ts';

const LOOK_MS = 250;

/**
 * Shows a job until it has ended, and answers how; null when `signal` aborts first. While the read model is out of reach it waits: the
 * job does, too. Throws CliError for a job that nobody remembers.
 */
export async function followJob(
  jobs: Pick<Jobs, 'get'>,
  id: string,
  signal: AbortSignal,
): Promise<Job | null> {
  const printer = jobPrinter(process.stdout);
  let last: Job | null = null;
  while (!signal.aborted) {
    const job: Job | null = await jobs.get(id).catch((error: unknown) => {
      if (error instanceof ReadModelError && last) return last;
      throw error;
    });
    if (!job) throw new CliError(`there is no job ${id}`);
    last = job;
    if (!isUnfinished(job)) {
      printer.end(job);
      return job;
    }
    printer.show(job);
    await monotonicClock.sleep(LOOK_MS, signal);
  }
  if (last) printer.end(last);
  return null;
}

/** Throws CliError for a job that did not come to what was asked for. */
export function expectDone({ id, state, error }: Job): void {
  if (state === 'done') return;
  throw new CliError(error === null ? `${id} is ${state}` : `${id} is ${state}: ${error}`);
}

/** Runs `work` with a signal that Ctrl-C, SIGTERM, and whoever closes the pipe abort; a second Ctrl-C ends the process at once. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  process.stdout.on('error', interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
