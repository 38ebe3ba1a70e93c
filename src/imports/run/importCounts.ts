import type { Changed } from '../update/correct.ts';

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

export const noCounts = (): ImportCounts => ({
  lines: 0,
  imported: 0,
  changed: 0,
  unchanged: 0,
  removed: 0,
  failed: 0,
  given: { ids: 0, hashes: 0, dates: 0 },
  suspicious: { shortDnis: 0, shortPostcodes: 0 },
});

/** Where an import reports: counts, and each line that was refused, in words without its values. */
export interface ImportReport {
  counts: ImportCounts;
  fail(line: number, problems: readonly string[]): void;
  /** An edit: its subject, and per member the value before and after. */
  change?(line: number, stream: string, changed: NonNullable<Changed>): void;
}
