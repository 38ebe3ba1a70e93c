import {
  anything,
  count,
  listOf,
  oneOf,
  optional,
  orNull,
  shaped,
  text,
  yesOrNo,
  type Checked,
} from './shape.ts';

const isReason = shaped({
  code: text,
  /** The invalid member. */
  member: optional(text),
  /** What the rule requires: a limit, the allowed values, a format's name. */
  wanted: optional(anything),
  /** What to do about it, as a code. */
  hint: optional(text),
  members: optional(listOf(text)),
  /** Columns by their names in spreadsheets. */
  columns: optional(listOf(text)),
  /** Another line than the refused one. */
  line: optional(count),
});

/**
 * Why a list or a line was refused: a code and the parts of its text, never a value of the list.
 * src/imports/reasons has the codes and texts; any other code is the rule that a member breaks.
 */
export type Reason = Checked<typeof isReason>;

const isRefusedLine = shaped({ line: count, reasons: listOf(isReason) });

/** A line that was not imported, with the reason. */
export type RefusedLine = Checked<typeof isRefusedLine>;

const isImportCounts = shaped({
  /** Lines that are not empty. */
  lines: count,
  /** New people. */
  imported: count,
  /** Existing people, edited to match the line; only in an update. */
  changed: count,
  /** Existing people who match the line. */
  unchanged: count,
  /** Of these, removed since; they stay removed. */
  removed: count,
  /** Refused lines. */
  failed: count,
  /** Members that new people lacked and got by default. */
  given: shaped({ ids: count, hashes: count, dates: count }),
  /** Values that look like a spreadsheet's mistake and were imported unchanged. */
  suspicious: shaped({ shortDnis: count, shortPostcodes: count }),
});

/** The outcomes of the lines so far. */
export type ImportCounts = Checked<typeof isImportCounts>;

/** The part of a job's record that only imports have. Contains nothing from the list. */
export const isListImport = shaped({
  /** The name of the uploaded list on the instance that received it. */
  upload: text,
  /** Null until the beginning of the list was read. */
  list: orNull(oneOf('users', 'personas')),
  isUpdate: yesOrNo,
  /** Shared by all events of the import. */
  correlation: text,
  /** The account that requested it. */
  account: text,
  counts: isImportCounts,
  /** The first refused lines, in the order of the list. */
  refused: listOf(isRefusedLine),
  /** Identifies the request, if it had an Idempotency-Key. */
  request: optional(text),
  /** Why it failed or makes no progress, if the list is the cause. */
  failure: optional(orNull(isReason)),
});

export type ListImport = Checked<typeof isListImport>;
