import { reasonOf } from '../../platform/padronError.ts';
import type { Position } from '../../events/eventStore.ts';
import { subjectOf } from '../../events/streams.ts';
import type { Difference, Job } from '../../projections/record/viewRecord.ts';
import type { ViewStores } from '../../projections/folding/projection.ts';
import { assertReadable } from './assertReadable.ts';
import { trackProgress } from '../../projections/rebuild/jobProgress.ts';
import type { ViewsByKind } from '../../projections/ports/view.ts';
import { hasReached } from '../../projections/record/viewDeclaration.ts';
import { withoutValues } from '../difference.ts';
import { retryWhileUnreachable, retryingPorts } from './retryWhileUnreachable.ts';
import { runningJob } from './runningJob.ts';
import type { Verification } from '../verification.ts';
import { verifyViews } from '../verifyViews.ts';
import { tracedJob } from '../../tracing/tracedEvents.ts';

/** Differences stored with a job; all are counted. */
const MAX_STORED_DIFFERENCES = 1_000;
/** How often a view's position is checked, in milliseconds. */
const POLL_MS = 250;
/** Events per batch of a view: an event that stops the view is among the next ones. */
const BATCH = 500;

export interface VerifyJobDependencies extends ViewStores, Pick<Verification, 'reservations'>, ViewsByKind {}

/**
 * Runs a verification job from the start: waits until the views have reached the present head,
 * verifies without repairing, and records the result. Retries while a store is unreachable, and the
 * job reports it. Waits while the job is paused. Resolves when the job has ended or was cancelled,
 * or when `stop` aborts; then it stays unfinished for the next lease holder. Errors of the
 * verification end up in the job; they never reject.
 */
export async function runVerifyJob(
  dependencies: VerifyJobDependencies,
  job: Job,
  stop: AbortSignal,
): Promise<void> {
  const { readModel, documentViews, rowViews, clock } = dependencies;
  const running = runningJob({ controls: readModel.controls, id: job.id, clock, stop });
  const { signal, retryPolicy } = running;
  const ports = retryingPorts(dependencies, retryPolicy);
  const note = (progress: Partial<Job>): Promise<void> =>
    retryWhileUnreachable(retryPolicy, () => running.note(progress));

  async function waitForViews(head: Position): Promise<void> {
    const shown = [
      ...documentViews.map((view) => ({ name: view.name, view: ports.readModel.shown(view) })),
      ...rowViews.map((view) => ({ name: view.name, view: ports.readModel.shownRows(view) })),
    ];
    for (const { name, view } of shown) {
      while (!signal.aborted) {
        const position = (await view.checkpoint())?.position ?? null;
        if (hasReached(position, head)) break;
        await assertReadable(ports.store, position, { limit: BATCH, isTaken: isSubject });
        await note({ error: `waiting for the view ${name} to reach the end of the log` });
        await running.wait(POLL_MS);
      }
    }
  }

  async function verify(): Promise<Partial<Job> | null> {
    await note({ share: 0, error: null });
    const upTo = await ports.store.head();
    if (upTo !== null) await waitForViews(upTo);
    const differences: Difference[] = [];
    const startMs = performance.now();
    const track = trackProgress({ before: job.processed, startMs });
    let { processed } = job;
    const result = await verifyViews({
      ...dependencies,
      ...ports,
      upTo,
      signal,
      repair: false,
      showValues: false,
      onProgress: (made) => {
        const reached = { events: made.processed, share: made.share };
        const progress = track.note(reached, performance.now());
        processed = progress.processed;
        return note({ ...progress, error: null });
      },
      onDifference: async (difference) => {
        if (differences.length < MAX_STORED_DIFFERENCES) differences.push(withoutValues(difference));
      },
    });
    if (!result.isWhole) return null;
    const isCut = result.differences > differences.length;
    const error = isCut ? `only the first ${differences.length} of ${result.differences} are listed` : null;
    return { processed, share: 1, error, differences, differenceCount: result.differences };
  }

  try {
    const found = await tracedJob(job, verify);
    if (found) await retryWhileUnreachable(retryPolicy, () => running.end('done', found));
  } catch (error) {
    if (signal.aborted) return;
    const message = reasonOf(error);
    await retryWhileUnreachable(retryPolicy, () => running.end('failed', { error: message }));
  }
}

const isSubject = (stream: string): boolean => subjectOf(stream) !== null;

/**
 * Runs one verification until it ends or `stop` aborts; then it stays unfinished for the next lease
 * holder.
 */
export type RunVerification = (job: Job, stop: AbortSignal) => Promise<void>;
