import { logIdOf } from '../../events/bookkeeping/logId.ts';
import { lastEventOf, NO_REVISION, type EventStore } from '../../events/eventStore.ts';
import { SKIPS_STREAM } from '../../events/streams.ts';
import { pauseMs } from '../../platform/backoff.ts';
import type { MonotonicClock } from '../../platform/clock.ts';
import { BULK_FOLD_LIMITS } from '../folding/bulkFold.ts';
import type { ProjectedView, ViewStores } from '../folding/projection.ts';
import type { Report } from '../record/followerStatus.ts';
import { ReadModelError } from '../record/readModelError.ts';
import {
  NO_VIEW_RECORD,
  unfinished,
  withRebuild,
  type Job,
  type StoredViewRecord,
  type ViewRecord,
} from '../record/viewRecord.ts';

/** Pauses before a failed first build is restarted. */
const PAUSE_MS = { minMs: 2_000, maxMs: 300_000, jitter: 0 };

/**
 * A view's record, created if this version of the view has none. Over an empty log the first
 * generation is complete; otherwise a job builds it.
 */
export async function beginViewRecord(
  view: ProjectedView,
  dependencies: ViewStores,
): Promise<StoredViewRecord> {
  const { readModel, store, clock } = dependencies;
  const stored = await readModel.controls.read(view);
  if (stored) return stored;
  const newest = Math.max(0, ...(await readModel.generations(view)));
  const log = await logIdOf(store);
  const none = log === null ? NO_VIEW_RECORD : { ...NO_VIEW_RECORD, log };
  let first = withRebuild({ ...none, newest }, view, clock.now());
  if ((await store.head()) === null) {
    const generation = newest + 1;
    await (await view.open(generation, dependencies)).filling(BULK_FOLD_LIMITS).seal();
    first = { ...none, newest: generation, live: generation };
  }
  if (first) await readModel.controls.replace(view, null, first);
  // It is another instance's if that was first.
  const begun = await readModel.controls.read(view);
  if (begun) return begun;
  throw new ReadModelError(`the record of ${view.name} cannot be created`);
}

export type FirstBuilds = ReturnType<typeof createFirstBuilds>;

/**
 * Decides when a view that has never been shown is built again; one per view, for the life of the
 * process. A first build that failed or was cancelled is restarted when the process starts (a release may
 * have fixed the view), when an event has been skipped since, and after pauses of 2 s to 5 minutes.
 */
export function createFirstBuilds({
  store,
  timer,
}: {
  store: Pick<EventStore, 'readStream'>;
  timer: Pick<MonotonicClock, 'now'>;
}) {
  let isStart = true;
  let ended = { job: '', sinceMs: 0, skips: NO_REVISION };

  async function isDueAfter(job: Job, failures: number): Promise<boolean> {
    const skips = (await lastEventOf(store, SKIPS_STREAM))?.revision ?? NO_REVISION;
    if (ended.job !== job.id) ended = { job: job.id, sinceMs: timer.now(), skips };
    const isRested = timer.now() - ended.sinceMs >= pauseMs(failures - 1, PAUSE_MS);
    return skips !== ended.skips || isRested;
  }

  return {
    /** Whether another build is due now. Rejects with EventStoreError. */
    async isDue(control: ViewRecord): Promise<boolean> {
      const isFirstLook = isStart;
      isStart = false;
      const [newest] = control.jobs;
      if (control.live !== null || unfinished(control)) return false;
      return isFirstLook || !newest || isDueAfter(newest, failuresIn(control));
    },
  };
}

/** The jobs that ended without success since the last one that succeeded; at least 1. */
function failuresIn({ jobs }: Pick<ViewRecord, 'jobs'>): number {
  const lastDone = jobs.findIndex(({ state }) => state === 'done');
  return Math.max(1, lastDone < 0 ? jobs.length : lastDone);
}

/** The reported state of a view that has never been shown, from the job that builds it. */
export function reportOfFirstBuild(record: Pick<ViewRecord, 'jobs'> | null): Report {
  const [newest, before] = record?.jobs ?? [];
  switch (newest?.state) {
    case 'failed':
      return { state: 'stalled', lastError: newest.error };
    case 'cancelled':
      return { state: 'stalled', lastError: `its first build, ${newest.id}, was cancelled` };
    case 'paused':
      return { state: 'catching-up', lastError: `its first build, ${newest.id}, is paused` };
    case 'running':
      if (newest.error !== null) return { state: 'stalled', lastError: newest.error };
      return { state: 'catching-up', lastError: before?.error ?? null };
    case 'done':
    case undefined:
      return { state: 'catching-up', lastError: null };
  }
}
