import { pino } from 'pino';
import { systemClock, monotonicClock } from '../../platform/clock.ts';
import { isUnfinished, type Job } from '../../projections/record/viewRecord.ts';
import type { JobRefusal } from '../../projections/rebuild/jobs.ts';
import { leaseNameOf } from '../../projections/maintaining/sweep.ts';
import { maintainViews } from '../../projections/maintaining/maintainViews.ts';
import type { ProjectedView } from '../../projections/folding/projection.ts';
import { builderFor } from '../../service/stores.ts';
import { CliError } from '../output/exit.ts';
import { requireDone, followJob, interruptible } from './followJob.ts';
import { viewNamed, withViews, type OpenedViews } from './withViews.ts';

/** How often to check whether an instance has taken up the job, in milliseconds. */
const POLL_MS = 100;
/** How much longer than a dead holder's lease to wait for a sign of life, in milliseconds. */
const MARGIN_MS = 1_000;

export type ViewJobKind = 'rebuild' | 'rollback';

/**
 * Begins a job of a view. The instance that maintains the view does the work: a server or, if there
 * is none, this process, which then shows it until it ends. An earlier job that no instance works
 * on is taken up instead. Throws CliError if the job is refused or does not succeed.
 */
export async function runViewJob(name: string, kind: ViewJobKind, follow: boolean): Promise<void> {
  const view = viewNamed(name);
  await withViews(async (opened) => {
    const begun = await opened.jobs[kind](name);
    const job = typeof begun === 'string' ? await unfinishedOfKind(opened, view, kind, begun) : begun;
    const isFree = await isUnmaintained(opened, view, job);
    if (isFree) await workHere(opened, view, job, kind);
    else if (!job) throw new CliError(`${name} is being built for the first time`);
    else if (typeof begun === 'string') throw busy(job);
    else if (follow) await followElsewhere(opened, job);
    else {
      console.log(job.id);
      console.error(`the server does the work; to watch: npx padron projections watch ${job.id}`);
    }
  });
}

/**
 * The unfinished job that prevented a new one; null for a view that was never built. Throws if it
 * is of another kind.
 */
async function unfinishedOfKind(
  { jobs, readModel }: OpenedViews,
  view: ProjectedView,
  kind: ViewJobKind,
  refusal: JobRefusal,
): Promise<Job | null> {
  const isNew = (await readModel.controls.read(view)) === null;
  if (refusal === 'nothing-kept' || (isNew && kind === 'rollback')) {
    throw new CliError(`no earlier generation of ${view.name} is kept`);
  }
  if (isNew) return null;
  const other = (await jobs.list()).find((job) => job.projection === view.name && isUnfinished(job));
  if (!other) throw new CliError('another job was running and has just ended: run this again');
  if (other.state === 'paused' || other.kind !== kind) throw busy(other);
  return other;
}

function busy({ id, kind, state }: Job): CliError {
  const hint =
    state === 'paused'
      ? 'to continue: npx padron projections resume'
      : 'to watch: npx padron projections watch';
  return new CliError(`${id} (${kind}) is ${state}; ${hint} ${id}`);
}

/**
 * Whether no instance maintains the view. One does if the job makes progress, or if the lease is
 * still held after a dead holder's would have expired.
 */
async function isUnmaintained(
  { jobs, readModel }: OpenedViews,
  view: ProjectedView,
  begun: Job | null,
): Promise<boolean> {
  const moved = new AbortController();
  const { expiryMs } = readModel.leases;
  const silenceMs = expiryMs === 0 ? 0 : expiryMs + MARGIN_MS;
  const signal = AbortSignal.any([moved.signal, AbortSignal.timeout(silenceMs)]);
  const watching = (async () => {
    while (begun && !signal.aborted) {
      const job = await jobs.get(begun.id).catch(() => begun);
      if (job?.processed !== begun.processed || job.state !== begun.state) moved.abort();
      await monotonicClock.sleep(POLL_MS, signal);
    }
  })();
  const lease = await readModel.leases.acquire(leaseNameOf(view), { signal });
  moved.abort();
  await watching;
  await lease?.release();
  return lease !== null;
}

/**
 * Works on a job of the view, or on its first build (null), and shows it until it ends. Throws CliError
 * if it does not succeed, and the error of a store that refuses; the job then stays as it is.
 */
export async function workHere(
  opened: OpenedViews,
  view: ProjectedView,
  job: Job | null,
  kind: ViewJobKind,
): Promise<void> {
  const { config, store, readModel, jobs } = opened;
  const refused = new AbortController();
  const kept = maintainViews({
    views: [view],
    readModel,
    store,
    clock: systemClock,
    fill: builderFor(config),
    logger: pino({ level: 'silent' }),
    onRefusal(error) {
      refused.abort(error);
    },
  });
  try {
    await interruptible(async (interrupt) => {
      const signal = AbortSignal.any([interrupt, refused.signal]);
      const id = job?.id ?? (await firstJob(opened, view, signal));
      if (id === null) {
        refused.signal.throwIfAborted();
        console.error(`padron: there is no event to build ${view.name} from`);
        return;
      }
      const last = await followJob(jobs, id, signal);
      if (isUnfinished(last)) refused.signal.throwIfAborted();
      requireDone(last, interrupted(id, view.name, kind));
    });
  } finally {
    await kept.stop();
  }
}

/**
 * The job of the view's first build, begun by the instance that maintains it; null for a log
 * without events, which needs none.
 */
async function firstJob(
  { readModel }: OpenedViews,
  view: ProjectedView,
  signal: AbortSignal,
): Promise<string | null> {
  while (!signal.aborted) {
    const stored = await readModel.controls.read(view);
    if (stored) return stored.control.jobs[0]?.id ?? null;
    await monotonicClock.sleep(POLL_MS, signal);
  }
  return null;
}

function interrupted(id: string, name: string, kind: ViewJobKind): string {
  const again = kind === 'rebuild' ? `npx padron rebuild ${name}` : `npx padron projections rollback ${name}`;
  return `interrupted: ${id} continues with the next server, or with ${again} --follow`;
}

async function followElsewhere({ jobs }: OpenedViews, { id }: Job): Promise<void> {
  const job = await interruptible((signal) => followJob(jobs, id, signal));
  requireDone(job, `${id} continues on the server; to watch: npx padron projections watch ${id}`);
}
