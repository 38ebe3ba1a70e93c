import type { HistoryEntry } from '../projections/views/history.ts';
import { transientParser } from '../presentation/transientParser.ts';
import { csvCell, csvHeader, DEFAULT_CSV, SEPARATORS, type CsvFormat } from '../presentation/csv.ts';
import type { EntryJson } from './history.ts';

/**
 * The history as text, one piece per page, so that memory holds one page however long the history
 * is. The code that reads the pages takes a heavy turn for each (see heavyTurns).
 */
export type Pages = AsyncIterable<readonly EntryJson[]>;

/** One JSON object per line. */
export async function* toNdjson(pages: Pages): AsyncGenerator<string> {
  for await (const entries of pages) {
    if (entries.length > 0) yield `${entries.join('\n')}\n`;
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
 * CSV (RFC 4180) with one line per changed field, and one for an entry without changes. Starts with
 * a byte order mark: without it, spreadsheets do not recognise UTF-8.
 */
export async function* toCsv(pages: Pages, format: CsvFormat = DEFAULT_CSV): AsyncGenerator<string> {
  yield csvHeader(COLUMNS, format);
  for await (const entries of pages) {
    if (entries.length > 0) yield entries.map((entry) => linesOf(entry, format)).join('');
  }
}

/** These differ from entry to entry and are short. */
const parseEntry = transientParser(['position', 'subject', 'before', 'after']);

function linesOf(json: EntryJson, format: CsvFormat): string {
  const entry = parseEntry(json) as HistoryEntry;
  const { position, subject, revision, type, at, actor, correlation, request, summary, reason, changes } =
    entry;
  const entryCells = [position, subject, revision, type, at, actor.account ?? '', actor.role];
  entryCells.push(correlation, request, summary, reason ?? '');
  const cell = (value: unknown): string => csvCell(value, format);
  const shared = entryCells.map(cell);
  const between = SEPARATORS[format.separator];
  const line = (cells: string[]): string => `${[...shared, ...cells].join(between)}\r\n`;
  if (changes.length === 0) return line(['', '', '']);
  return changes.map(({ field, before, after }) => line([field, before, after].map(cell))).join('');
}
