import type { ImportCounts, ListImport, Reason, RefusedLine } from './listImport.ts';
import type { ViewRecord, Difference, Job, Report } from './viewRecord.ts';
import { ReadModelError } from './readModelError.ts';
import type { ViewDeclaration } from './viewDeclaration.ts';

/** A stored record in a format that this padron does not know: a newer one wrote it. */
export class UnknownRecordError extends ReadModelError {
  constructor(what: string) {
    super(`${what} has a format that this padron does not know: upgrade this instance`);
  }
}

/**
 * A stored view record, checked: every member that this padron knows must have a known value. Other
 * members are kept. Throws UnknownRecordError for any other record.
 */
export function readableViewRecord({ name, version }: ViewDeclaration, record: unknown): ViewRecord {
  if (has(record, CONTROL)) return record as ViewRecord;
  throw new UnknownRecordError(`the record of ${name}@${version}`);
}

type Check = (value: unknown) => boolean;
type Shape<T> = { [Member in keyof T]-?: Check };

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => Number.isFinite(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
/** Absent, or null in storages that cannot omit a member. */
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);
const oneOf =
  (...known: string[]): Check =>
  (value) =>
    known.includes(value as string);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const DIFFERENCE: Shape<Difference> = {
  projection: orNull(isText),
  subject: isText,
  member: orNull(isText),
  problem: oneOf('missing', 'unexpected', 'different', 'parked', 'reservation'),
};

const REASON: Shape<Reason> = {
  code: isText,
  member: optional(isText),
  wanted: () => true,
  hint: optional(isText),
  members: optional(listOf(isText)),
  columns: optional(listOf(isText)),
  line: optional(isCount),
};

const REFUSED: Shape<RefusedLine> = { line: isCount, reasons: listOf((value) => has(value, REASON)) };

const COUNTS: Shape<ImportCounts> = {
  lines: isCount,
  imported: isCount,
  changed: isCount,
  unchanged: isCount,
  removed: isCount,
  failed: isCount,
  given: (value) => has(value, { ids: isCount, hashes: isCount, dates: isCount }),
  suspicious: (value) => has(value, { shortDnis: isCount, shortPostcodes: isCount }),
};

const IMPORT: Shape<ListImport> = {
  upload: isText,
  list: orNull(oneOf('users', 'personas')),
  isUpdate: (value) => typeof value === 'boolean',
  correlation: isText,
  account: isText,
  counts: (value) => has(value, COUNTS),
  refused: listOf((value) => has(value, REFUSED)),
  request: optional(isText),
  failure: optional((value) => has(value, REASON)),
};

const JOB: Shape<Job> = {
  id: isText,
  kind: oneOf('rebuild', 'rollback', 'verify', 'import'),
  projection: orNull(isText),
  generation: orNull(isCount),
  state: oneOf('running', 'paused', 'done', 'failed', 'cancelled'),
  processed: isNumber,
  share: isNumber,
  eventsPerSecond: isNumber,
  etaSeconds: orNull(isNumber),
  startedAt: isText,
  endedAt: orNull(isText),
  error: orNull(isText),
  differences: optional(listOf((value) => has(value, DIFFERENCE))),
  differenceCount: optional(isCount),
  import: optional((value) => has(value, IMPORT)),
};

const REPORT: Shape<Report> = {
  state: oneOf('catching-up', 'live', 'stalled', 'paused'),
  lastError: orNull(isText),
  needs: optional(oneOf('upgrade', 'rebuild', 'key')),
};

const CONTROL: Shape<ViewRecord> = {
  live: orNull(isCount),
  kept: orNull(isCount),
  newest: isCount,
  jobsBegun: isCount,
  jobs: listOf((value) => has(value, JOB)),
  report: optional((value) => has(value, REPORT)),
  log: optional(isText),
};

/** Whether each member in `shape` has a valid value in `record`. */
const has = (record: unknown, shape: Record<string, Check>): boolean =>
  typeof record === 'object' &&
  record !== null &&
  Object.entries(shape).every(([member, isRight]) => isRight((record as Record<string, unknown>)[member]));
