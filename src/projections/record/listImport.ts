/** The record of an import's job beside the job itself. It holds nothing that the list contains. */
export interface ListImport {
  /** The name of the uploaded list, on the instance that took it. */
  upload: string;
  /** Null until the list has shown it. */
  list: 'users' | 'personas' | null;
  isUpdate: boolean;
  /** Shared by all events of the import. */
  correlation: string;
  /** The account that asked for it. */
  account: string;
  counts: ImportCounts;
  /** The first lines that were refused, in the order of the list. */
  refused: readonly RefusedLine[];
  /** Names the request that asked for it, if it had an Idempotency-Key. */
  request?: string;
  /** Why it failed, or does not move, if it is for its list. */
  failure?: Reason | null;
}

/** A line that was not imported, and why. */
export interface RefusedLine {
  line: number;
  reasons: readonly Reason[];
}

/**
 * Why a list or a line was refused: a code, and what its text needs. Never a value of the list.
 * src/imports/reasons has the codes and their texts; other codes are the rules that a member breaks.
 */
export interface Reason {
  code: string;
  /** The member that is wrong. */
  member?: string;
  /** What the rule wants: a limit, the allowed values, a format's name. */
  wanted?: unknown;
  /** What to do about it, as a code. */
  hint?: string;
  members?: readonly string[];
  /** Columns, as spreadsheets name them. */
  columns?: readonly string[];
  /** A line that is not the one refused. */
  line?: number;
}

/** What became of the lines so far. */
export interface ImportCounts {
  /** Lines that say something. */
  lines: number;
  /** New people. */
  imported: number;
  /** In already, and edited as the line says; only in an update. */
  changed: number;
  /** In already, as the line says. */
  unchanged: number;
  /** Of these, removed since: they stay removed. */
  removed: number;
  /** Not imported, each with its reason. */
  failed: number;
  /** What new people lacked and were given. */
  given: { ids: number; hashes: number; dates: number };
  /** What may be a mistake of a spreadsheet, and was taken as it is. */
  suspicious: { shortDnis: number; shortPostcodes: number };
}
