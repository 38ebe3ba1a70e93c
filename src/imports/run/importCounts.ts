import type { ImportCounts, Reason } from '../../projections/record/listImport.ts';
import type { Changed } from '../update/correct.ts';

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

/** The reports of an import: the counts, and each refused line. */
export interface ImportReport {
  counts: ImportCounts;
  fail(line: number, reasons: readonly Reason[]): void;
  /** An edit: its subject, and per member the value before and after. */
  change?(line: number, stream: string, changed: NonNullable<Changed>): void;
}
