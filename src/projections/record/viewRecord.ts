import { isReport, type Report } from './followerStatus.ts';
import { isListImport } from './listImport.ts';
import { UnknownRecordError } from './readModelError.ts';
import { count, listOf, number, oneOf, optional, orNull, shaped, text, type Checked } from './shape.ts';
import type { Checkpoint, ViewDeclaration } from './viewDeclaration.ts';

const isDifference = shaped({
  /** The view; null for a reservation. */
  projection: orNull(text),
  /** `persona-5`, `user-15` */
  subject: text,
  /** Null if the whole document or row is missing, unexpected, or at another revision. */
  member: orNull(text),
  problem: oneOf('missing', 'unexpected', 'different', 'parked', 'reservation'),
});

/** A difference from the fold of the events. Without values, which may be personal data. */
export type Difference = Checked<typeof isDifference>;

const isJob = shaped({
  /** `personas-v1-3`: the third job of this view in this version. */
  id: text,
  kind: oneOf('rebuild', 'rollback', 'verify', 'import'),
  /** The view; null for a verification, which covers all of them, and for an import. */
  projection: orNull(text),
  /** The generation that it builds and then shows, if it does. */
  generation: orNull(count),
  state: oneOf('running', 'paused', 'done', 'failed', 'cancelled'),
  /** Events read, including those read again after a crash; of an import, lines. */
  processed: number,
  /** 0 to 1. */
  share: number,
  /** The recent rate; 0 while paused and after the end. */
  eventsPerSecond: number,
  /** Null if unknown. */
  etaSeconds: orNull(number),
  startedAt: text,
  endedAt: orNull(text),
  /** Why it failed, or what stops a running one; contains no personal data. */
  error: orNull(text),
  /** The first differences that a verification found. */
  differences: optional(listOf(isDifference)),
  /** The total number of differences. */
  differenceCount: optional(count),
  /** Of an import only. */
  import: optional(isListImport),
});

/** Long-running work, watched, paused and cancelled from any instance. Instants are RFC 3339 in UTC. */
export type Job = Checked<typeof isJob>;

const isViewRecord = shaped({
  /** The current generation; null until the first one is caught up. */
  live: orNull(count),
  /** The previous generation, for a rollback. */
  kept: orNull(count),
  /** The number of the last generation begun; numbers are never reused. */
  newest: count,
  /** The number of jobs so far. */
  jobsBegun: count,
  /** Newest first; only the newest can be unfinished. */
  jobs: listOf(isJob),
  /** The last report of the instance that maintains the view; absent before the first. */
  report: optional(orNull(isReport)),
  /** The log that the generations were built from, by logIdOf; absent in records of early versions. */
  log: optional(text),
});

/** The decisions about a view in one version: everything but the generations' checkpoints and data. */
export type ViewRecord = Checked<typeof isViewRecord>;

/**
 * A stored view record, checked: every member that this padron knows must have a known value. Other
 * members are kept. Throws UnknownRecordError for any other record.
 */
export function readableViewRecord({ name, version }: ViewDeclaration, record: unknown): ViewRecord {
  if (isViewRecord(record)) return record;
  throw new UnknownRecordError(`the record of ${name}@${version}`);
}

/** A stored view record; `stamp` identifies this state of it. */
export interface StoredViewRecord {
  stamp: number;
  control: ViewRecord;
}

/** The view records, one per view and version. Every method rejects with ReadModelError. */
export interface ViewRecords {
  /** Null if the view has no record in that version. */
  read(view: ViewDeclaration): Promise<StoredViewRecord | null>;
  /**
   * Writes `to` if the stored record is still `from` (null: there is none), atomically; false if it
   * is not. With `standing`, the write also requires that generation to be at that checkpoint. The
   * generation must be open in this process: only the instance that maintains it may ask. Durable
   * when it resolves.
   */
  replace(
    view: ViewDeclaration,
    from: StoredViewRecord | null,
    to: ViewRecord,
    standing?: { generation: number; checkpoint: Checkpoint | null },
  ): Promise<boolean>;
  /** The versions of a view that have a record, in ascending order. */
  versions(name: string): Promise<number[]>;
  /** Removes the record of a version that no instance runs any more. */
  forget(view: ViewDeclaration): Promise<void>;
}

/** Ended jobs remembered per view. */
const MAX_ENDED_JOBS = 20;
/** Of those, the number that keep their differences. */
const MAX_DETAILED_JOBS = 3;

export const NO_VIEW_RECORD: ViewRecord = { live: null, kept: null, newest: 0, jobsBegun: 0, jobs: [] };

/** The unfinished job, or null. */
export function unfinished({ jobs }: ViewRecord): Job | null {
  const [newest] = jobs;
  return newest && isUnfinished(newest) ? newest : null;
}

export const isUnfinished = ({ state }: Job): boolean => state === 'running' || state === 'paused';

/** The generations whose data is needed. */
export function neededGenerations(control: ViewRecord): number[] {
  const filled = unfinished(control)?.generation ?? null;
  return [control.live, control.kept, filled].filter((one) => one !== null);
}

/** `control` with a new job that builds a new generation; null if another job is unfinished. */
export function withRebuild(control: ViewRecord, view: ViewDeclaration, at: string): ViewRecord | null {
  const generation = control.newest + 1;
  const next = withJob(control, view, { kind: 'rebuild', projection: view.name, generation }, at);
  return next && { ...next, newest: generation };
}

/** With a job that restores the previous generation. */
export function withRollback(
  control: ViewRecord,
  view: ViewDeclaration,
  at: string,
): ViewRecord | 'busy' | 'nothing-kept' {
  const generation = control.kept;
  const next = withJob(control, view, { kind: 'rollback', projection: view.name, generation }, at);
  if (!next) return 'busy';
  return generation === null ? 'nothing-kept' : next;
}

/**
 * Without a generation that has become unusable: damaged, or built from events that the log lacks.
 * If it was current or being built, a rebuild begins and replaces any unfinished job. Null if the
 * record does not name it.
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

/** With a new job; null if another one is unfinished. */
export function withJob(
  control: ViewRecord,
  { name, version }: ViewDeclaration,
  about: Pick<Job, 'kind'> & Partial<Pick<Job, 'projection' | 'generation' | 'import'>>,
  startedAt: string,
): ViewRecord | null {
  if (unfinished(control)) return null;
  const jobsBegun = control.jobsBegun + 1;
  const job: Job = {
    id: `${name}-v${version}-${jobsBegun}`,
    projection: null,
    generation: null,
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

/** The record is read several times a second, so only the last jobs keep long details. */
const withoutOldDetails = (job: Job, index: number): Job => {
  if (index < MAX_DETAILED_JOBS) return job;
  const { differences: _, import: list, ...rest } = job;
  return list ? { ...rest, import: { ...list, refused: [] } } : rest;
};

/** With changed members of the unfinished job `id`; null if there is none. */
export function withChange(control: ViewRecord, id: string, change: Partial<Job>): ViewRecord | null {
  const [newest, ...others] = control.jobs;
  if (newest?.id !== id || !isUnfinished(newest)) return null;
  return { ...control, jobs: [{ ...newest, ...change }, ...others] };
}

/** The rate of a job that does not move. */
export const STANDSTILL = { eventsPerSecond: 0, etaSeconds: null };

/** With the maintaining instance's report; null if the record has that report already. */
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
): ViewRecord | null => withChange(control, id, { ...rest, state, endedAt, ...STANDSTILL });

/** With job `id` done and its generation current, the last one previous; null unless it is running. */
export function withSwap(control: ViewRecord, id: string, endedAt: string): ViewRecord | null {
  const job = unfinished(control);
  if (job?.state !== 'running' || job.generation === null) return null;
  const ended = withEnd(control, id, 'done', endedAt, { share: 1, error: null });
  return ended && { ...ended, live: job.generation, kept: control.live };
}
