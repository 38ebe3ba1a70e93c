/** The part of a job's record that only imports have. Contains nothing from the list. */
export interface ListImport {
  /** The name of the uploaded list on the instance that received it. */
  upload: string;
  /** Null until the beginning of the list was read. */
  list: 'users' | 'personas' | null;
  isUpdate: boolean;
  /** Shared by all events of the import. */
  correlation: string;
  /** The account that requested it. */
  account: string;
  counts: ImportCounts;
  /** The first refused lines, in the order of the list. */
  refused: readonly RefusedLine[];
  /** Identifies the request, if it had an Idempotency-Key. */
  request?: string;
  /** Why it failed or makes no progress, if the list is the cause. */
  failure?: Reason | null;
}

/** A line that was not imported, with the reason. */
export interface RefusedLine {
  line: number;
  reasons: readonly Reason[];
}

/**
 * Why a list or a line was refused: a code and the parts of its text, never a value of the list.
 * src/imports/reasons has the codes and texts; any other code is the rule that a member breaks.
 */
export interface Reason {
  code: string;
  /** The invalid member. */
  member?: string;
  /** What the rule requires: a limit, the allowed values, a format's name. */
  wanted?: unknown;
  /** What to do about it, as a code. */
  hint?: string;
  members?: readonly string[];
  /** Columns by their names in spreadsheets. */
  columns?: readonly string[];
  /** Another line than the refused one. */
  line?: number;
}

/** The outcomes of the lines so far. */
export interface ImportCounts {
  /** Lines that are not empty. */
  lines: number;
  /** New people. */
  imported: number;
  /** Existing people, edited to match the line; only in an update. */
  changed: number;
  /** Existing people who match the line. */
  unchanged: number;
  /** Of these, removed since; they stay removed. */
  removed: number;
  /** Refused lines. */
  failed: number;
  /** Members that new people lacked and got by default. */
  given: { ids: number; hashes: number; dates: number };
  /** Values that look like a spreadsheet's mistake and were imported unchanged. */
  suspicious: { shortDnis: number; shortPostcodes: number };
}
