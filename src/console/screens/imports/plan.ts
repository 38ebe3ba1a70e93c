import type { QueryChanges } from '../../app/address.ts';
import type { Change } from '../../parts/changesTable.ts';
import type { Reason } from './reasonWords.ts';

/** The counts of an import or a dry run, as the API answers them. */
export interface Counts {
  lines: number;
  imported: number;
  changed: number;
  unchanged: number;
  removed: number;
  refused: number;
  given: { ids: number; hashes: number; dates: number };
  suspicious: { shortDnis: number; shortPostcodes: number };
}

export interface RefusedLine {
  line: number;
  errors: readonly string[];
  reasons: readonly Reason[];
}

/** What importing a list would do. */
export interface Plan {
  list: 'users' | 'personas' | null;
  encoding: string | null;
  counts: Counts;
  refused: readonly RefusedLine[];
  changes: readonly { line: number; subject: string; changes: readonly Change[] }[];
}

/** How the list is to be read, and what to do with it. The address has them. */
export interface Choices {
  isUpdate: boolean;
  dates: 'iso' | 'dmy';
}

export const choicesIn = (query: URLSearchParams): Choices => ({
  isUpdate: query.get('update') === 'true',
  dates: query.get('dates') === 'dmy' ? 'dmy' : 'iso',
});

/** The inverse of choicesIn; the address names only what differs from the first choices. */
export const queryOf = ({ isUpdate, dates }: Choices): QueryChanges => ({
  update: isUpdate ? 'true' : null,
  dates: dates === 'dmy' ? 'dmy' : null,
});

/** The path with its query to which a list is sent. */
export function importPath(
  { isUpdate, dates, reason }: Choices & { reason: string },
  isDryRun: boolean,
): string {
  const query = new URLSearchParams({ update: String(isUpdate), dates, dryRun: String(isDryRun) });
  if (!isDryRun && reason.trim() !== '') query.set('reason', reason.trim());
  return `/imports?${query.toString()}`;
}

/** By the file's name, because a browser's type depends on which programs are installed. */
export const contentTypeOf = ({ name }: File): string =>
  /\.(ndjson|jsonl)$/i.test(name) ? 'application/x-ndjson' : 'text/csv';
