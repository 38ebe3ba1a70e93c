import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { systemClock } from '../clock.ts';
import { isUnfinished, type Job } from '../projections/control.ts';
import type { JobRefusal } from '../projections/jobs.ts';
import { keepViews } from '../projections/keepViews.ts';
import { fillOf } from '../stores.ts';
import { CliError } from './exit.ts';
import { expectDone, followJob, interruptible } from './followJob.ts';
import { expectView, withViews, type OpenedViews } from './withViews.ts';

/** How often it is looked whether somebody has taken up the job, in milliseconds. */
const LOOK_MS = 100;
/** How long until nobody can hold the view's lease any more without a sign of life: on MongoDB a holder that died is replaced within 3.5 s. */
const LONGEST_SILENCE_MS = 5_000;

export type ViewJobKind = 'rebuild' | 'rollback';

/**
 * Begins a job of a view. Whoever keeps the view up to date does the work: a server, or, where there is none, this process, which then
 * shows it until it ends. A job that was begun before and that nobody works on is taken up. Throws CliError for what is
 * refused, and for a job that did not succeed.
 */
export async function runViewJob(name: string, kind: ViewJobKind, follow: boolean): Promise<void> {
  expectView(name);
  await withViews(async (opened) => {
    const begun = await opened.jobs[kind](name);
    const job = typeof begun === 'string' ? await unfinishedJob(opened, name, kind, begun) : begun;
    const isFree = await nobodyKeeps(opened, name, job);
    if (typeof begun === 'string' && !isFree) throw busy(job);
    if (isFree) await workHere(opened, name, job, kind);
    else if (follow) await followElsewhere(opened, job);
    else {
      console.log(job.id);
      console.error(`a server does it; to watch: padron projections watch ${job.id}`);
    }
  });
}

/** The unfinished job that kept another one from being begun, if that can be taken up instead. */
async function unfinishedJob(
  { jobs }: OpenedViews,
  name: string,
  kind: ViewJobKind,
  refusal: JobRefusal,
): Promise<Job> {
  if (refusal === 'nothing-kept') throw new CliError(`no earlier generation of ${name} is kept`);
  const other = (await jobs.list()).find((job) => job.projection === name && isUnfinished(job));
  if (!other) throw new CliError('another job got in between and has ended: call it again');
  if (other.state === 'paused' || other.kind !== kind) throw busy(other);
  return other;
}

function busy({ id, kind, state }: Job): CliError {
  const hint = state === 'paused' ? `padron projections resume ${id}` : `padron projections watch ${id}`;
  return new CliError(`${id} (${kind}) is ${state}: ${hint}`);
}

/** Whether the view's lease is free. Somebody has it who moves the job, or who does not give it up while anybody could wait for a dead one. */
async function nobodyKeeps(
  { jobs, readModel, views }: OpenedViews,
  name: string,
  begun: Job,
): Promise<boolean> {
  const taken = new AbortController();
  const signal = AbortSignal.any([taken.signal, AbortSignal.timeout(LONGEST_SILENCE_MS)]);
  const watching = (async () => {
    while (!signal.aborted) {
      const job = await jobs.get(begun.id).catch(() => begun);
      if (job?.processed !== begun.processed || job.state !== begun.state) taken.abort();
      await pause(LOOK_MS);
    }
  })();
  const version = views.find((view) => view.name === name)?.version ?? 0;
  const lease = await readModel.leases.acquire(`${name}-v${version}`, { signal });
  taken.abort();
  await watching;
  await lease?.release();
  return lease !== null;
}

async function workHere(
  { config, store, readModel, views, jobs }: OpenedViews,
  name: string,
  { id }: Job,
  kind: ViewJobKind,
): Promise<void> {
  const kept = keepViews({
    views: views.filter((view) => view.name === name),
    readModel,
    store,
    clock: systemClock,
    fill: fillOf(config, { store, readModel, clock: systemClock }),
    logger: pino({ level: 'silent' }),
  });
  try {
    const job = await interruptible((signal) => followJob(jobs, id, signal));
    if (job) expectDone(job);
    else {
      const again = kind === 'rebuild' ? `padron rebuild ${name}` : `padron projections rollback ${name}`;
      throw new CliError(`interrupted: ${id} goes on with the next server, or with «${again} --follow»`);
    }
  } finally {
    await kept.stop();
  }
}

async function followElsewhere({ jobs }: OpenedViews, { id }: Job): Promise<void> {
  const job = await interruptible((signal) => followJob(jobs, id, signal));
  if (!job) throw new CliError(`${id} goes on at the server; to watch: padron projections watch ${id}`);
  expectDone(job);
}
