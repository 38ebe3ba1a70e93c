import type { Checkpoint, ViewDeclaration } from './readModel.ts';
import type { FollowerStatus } from '../following/followLog.ts';

/** Long work that is watched, paused and cancelled from anywhere. Instants are RFC 3339 in UTC. */
export interface Job {
  /** `personas-v1-3`: the third job of this view in this version. */
  id: string;
  kind: 'rebuild' | 'rollback' | 'verify';
  /** The view; null for a verification, which looks at all of them. */
  projection: string | null;
  /** The generation that it brings level, to be shown then; null for a verification. */
  generation: number | null;
  state: 'running' | 'paused' | 'done' | 'failed' | 'cancelled';
  /** Events read, those included that were read again after a crash. */
  processed: number;
  /** 0 to 1. */
  share: number;
  /** Lately; 0 while paused and after the end. */
  eventsPerSecond: number;
  /** Null when it cannot be told. */
  etaSeconds: number | null;
  startedAt: string;
  endedAt: string | null;
  /** Why it failed, or what keeps a running one from getting on; without personal data. */
  error: string | null;
  /** What a verification found, the first ones. */
  differences?: Difference[];
  /** How many there were in all. */
  differenceCount?: number;
}

/** What does not agree with the fold of the events. Without values: those may be personal. */
export interface Difference {
  /** The view; null for a reservation. */
  projection: string | null;
  /** `persona-5`, `user-15` */
  subject: string;
  /** Null when the whole document or row is missing, too many, or at another revision. */
  member: string | null;
  problem: 'missing' | 'unexpected' | 'different' | 'parked' | 'reservation';
}

/** What is decided about a view in one version: everything but the generations' checkpoints and data. */
export interface ViewRecord {
  /** The generation that is shown; null until the first one is level. */
  live: number | null;
  /** The one that was shown before, for a rollback. */
  kept: number | null;
  /** The last generation begun: a number is never given out twice. */
  newest: number;
  /** How many jobs there have been. */
  jobsBegun: number;
  /** The newest first; only that one can be unfinished. */
  jobs: readonly Job[];
  /** What the instance that keeps the view reported last; none before the first report. */
  report?: Report | null;
  /** The log that the generations were built from, by logIdOf; left out where an earlier padron made the record. */
  log?: string;
}

/** The state of a view, as reported by the instance that keeps it. */
export type Report = Omit<FollowerStatus, 'position'>;

/** A control record as stored; `stamp` tells it from every other state of it. */
export interface StoredViewRecord {
  stamp: number;
  control: ViewRecord;
}

/** Where the control records are, one for each view and version. Every method rejects with ReadModelError. */
export interface ViewRecords {
  /** Null where that view has none in that version. */
  read(view: ViewDeclaration): Promise<StoredViewRecord | null>;
  /**
   * Writes `to` if the stored record is still `from` (null: there is none), in one step; false if it is not. With `standing`, only while that
   * generation's checkpoint is that one, too; it has to be open here, for the one who asks is the one who keeps it. Durable when it resolves.
   */
  replace(
    view: ViewDeclaration,
    from: StoredViewRecord | null,
    to: ViewRecord,
    standing?: { generation: number; checkpoint: Checkpoint | null },
  ): Promise<boolean>;
  /** The versions of a view that have a record, in rising order. */
  versions(name: string): Promise<number[]>;
  /** Forgets the record of a version that nobody runs any more. */
  forget(view: ViewDeclaration): Promise<void>;
}

/** Jobs remembered for each view. */
const MAX_ENDED_JOBS = 20;
/** Of those, so many with the differences that they found. */
const DETAILED_JOBS = 3;

export const NO_VIEW_RECORD: ViewRecord = { live: null, kept: null, newest: 0, jobsBegun: 0, jobs: [] };

/** The job that is not finished, null when there is none. */
export function unfinished({ jobs }: ViewRecord): Job | null {
  const [newest] = jobs;
  return newest && isUnfinished(newest) ? newest : null;
}

export const isUnfinished = ({ state }: Job): boolean => state === 'running' || state === 'paused';

/** The generations whose data is needed. */
export function neededGenerations(control: ViewRecord): number[] {
  const filled = unfinished(control)?.generation ?? null;
  return [control.live, control.kept, filled].filter((one): one is number => one !== null);
}

/** `control` with a new job that fills a new generation; null while another job is unfinished. */
export function withRebuild(control: ViewRecord, view: ViewDeclaration, at: string): ViewRecord | null {
  const generation = control.newest + 1;
  const next = withJob(control, view, { kind: 'rebuild', projection: view.name, generation }, at);
  return next && { ...next, newest: generation };
}

/** With a job that shows the kept generation again. */
export function withRollback(
  control: ViewRecord,
  view: ViewDeclaration,
  at: string,
): ViewRecord | 'busy' | 'nothing-kept' {
  if (unfinished(control)) return 'busy';
  if (control.kept === null) return 'nothing-kept';
  const job = { kind: 'rollback', projection: view.name, generation: control.kept } as const;
  return withJob(control, view, job, at) ?? 'busy';
}

/**
 * Without a generation that cannot be used any more: damaged, or built from what is not in the log. Where it was shown, or was being
 * filled, a rebuild begins and takes the place of an unfinished job. Null when the record does not name it.
 */
export function withoutGeneration(
  control: ViewRecord,
  view: ViewDeclaration,
  { generation, reason, at }: { generation: number; reason: string; at: string },
): ViewRecord | null {
  if (control.kept === generation) return { ...control, kept: null };
  const job = unfinished(control);
  if (control.live !== generation && job?.generation !== generation) return null;
  const ended = job ? (withEnd(control, job.id, 'failed', at, { error: reason }) ?? control) : control;
  const live = control.live === generation ? null : control.live;
  return withRebuild({ ...ended, live, report: null }, view, at);
}

/** With a job that compares all views with the events; null while another one is unfinished. */
export const withVerification = (control: ViewRecord, view: ViewDeclaration, at: string): ViewRecord | null =>
  withJob(control, view, { kind: 'verify', projection: null, generation: null }, at);

function withJob(
  control: ViewRecord,
  { name, version }: ViewDeclaration,
  about: Pick<Job, 'kind' | 'projection' | 'generation'>,
  startedAt: string,
): ViewRecord | null {
  if (unfinished(control)) return null;
  const jobsBegun = control.jobsBegun + 1;
  const job: Job = {
    id: `${name}-v${version}-${jobsBegun}`,
    ...about,
    state: 'running',
    processed: 0,
    share: 0,
    eventsPerSecond: 0,
    etaSeconds: null,
    startedAt,
    endedAt: null,
    error: null,
  };
  return {
    ...control,
    jobsBegun,
    jobs: [job, ...control.jobs].slice(0, MAX_ENDED_JOBS).map(withoutOldDetails),
  };
}

/** The record is read several times a second: only the last jobs keep what is long. */
const withoutOldDetails = (job: Job, index: number): Job => {
  if (index < DETAILED_JOBS || job.differences === undefined) return job;
  const { differences: _, ...rest } = job;
  return rest;
};

/** With other members of the unfinished job `id`; null when that job is not there or has ended. */
export function withChange(control: ViewRecord, id: string, change: Partial<Job>): ViewRecord | null {
  const [newest, ...others] = control.jobs;
  if (newest?.id !== id || !isUnfinished(newest)) return null;
  return { ...control, jobs: [{ ...newest, ...change }, ...others] };
}

/** With what its keeper reports of the view; null when the record has that report already. */
export function withReport(control: ViewRecord, { state, lastError, needs }: Report): ViewRecord | null {
  const { report } = control;
  if (report?.state === state && report.lastError === lastError && report.needs === needs) return null;
  return { ...control, report: { state, lastError, ...(needs && { needs }) } };
}

/** With the job ended. */
export const withEnd = (
  control: ViewRecord,
  id: string,
  state: 'done' | 'failed' | 'cancelled',
  endedAt: string,
  rest: Partial<Job> = {},
): ViewRecord | null =>
  withChange(control, id, { ...rest, state, endedAt, eventsPerSecond: 0, etaSeconds: null });

/** With the generation of the unfinished job `id` shown, and the one shown before kept; null unless that job is running. */
export function withSwap(control: ViewRecord, id: string, endedAt: string): ViewRecord | null {
  const job = unfinished(control);
  if (job?.state !== 'running' || job.generation === null) return null;
  const ended = withEnd(control, id, 'done', endedAt, { share: 1, error: null });
  return ended && { ...ended, live: job.generation, kept: control.live };
}
