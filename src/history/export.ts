import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HistoryEntry } from '../projections/views/history.ts';
import { csvCell, csvHeader, DEFAULT_CSV, SEPARATORS, type CsvFormat } from '../presentation/csv.ts';
import type { EntryJson } from './history.ts';

/** The history as text, a piece a page: what is in memory at a time is one page, however long the whole is. */
export type Pages = AsyncIterable<readonly EntryJson[]>;

/** One JSON object a line. */
export async function* toNdjson(pages: Pages): AsyncGenerator<string> {
  for await (const entries of pages) {
    if (entries.length > 0) yield `${entries.join('\n')}\n`;
    // The embedded store reads at once, without waiting for anything: requests get their turn here.
    await nextTurn();
  }
}

const COLUMNS = [
  'position',
  'subject',
  'revision',
  'type',
  'at',
  'account',
  'role',
  'correlation',
  'request',
  'summary',
  'reason',
  'field',
  'before',
  'after',
] as const;

/**
 * CSV (RFC 4180), a line a changed field, one for an entry without any. It starts with a byte order mark: spreadsheets take UTF-8 for
 * something else without one.
 */
export async function* toCsv(pages: Pages, format: CsvFormat = DEFAULT_CSV): AsyncGenerator<string> {
  yield csvHeader(COLUMNS, format);
  for await (const entries of pages) {
    if (entries.length > 0) yield entries.map((entry) => linesOf(entry, format)).join('');
    await nextTurn();
  }
}

/**
 * An entry's first member. It is taken out before the rest is parsed: JSON.parse makes every text of up to ten characters a lasting one, to be
 * shared by all that are equal, and positions are all different. At a million entries that was 30 MB.
 */
const POSITION = /^\{"position":"(\d+)",/;

function linesOf(json: EntryJson, format: CsvFormat): string {
  const [opening = '{', position = ''] = POSITION.exec(json) ?? [];
  const entry = JSON.parse(`{${json.slice(opening.length)}`) as HistoryEntry;
  const { subject, revision, type, at, actor, correlation, request, summary, reason, changes } = entry;
  const entryCells = [position, subject, revision, type, at, actor.account, actor.role];
  entryCells.push(correlation, request, summary, reason ?? '');
  const cell = (value: unknown): string => csvCell(value, format);
  const shared = entryCells.map(cell);
  const between = SEPARATORS[format.separator];
  const line = (cells: string[]): string => `${[...shared, ...cells].join(between)}\r\n`;
  if (changes.length === 0) return line(['', '', '']);
  return changes.map(({ field, before, after }) => line([field, before, after].map(cell))).join('');
}
