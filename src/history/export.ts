import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HistoryEntry } from '../projections/views/history.ts';
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

/** How a CSV file is laid out. */
export interface CsvFormat {
  /** The name, as `Accept` has it. */
  separator: keyof typeof SEPARATORS;
  hasHeader: boolean;
}

/** What may stand between two cells. A spreadsheet with a Spanish locale wants semicolons. */
export const SEPARATORS = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const;

const RFC_4180: CsvFormat = { separator: 'comma', hasHeader: true };

/**
 * CSV (RFC 4180), a line a changed field, one for an entry without any. It starts with a byte order mark: spreadsheets take UTF-8 for
 * something else without one.
 */
export async function* toCsv(
  pages: Pages,
  { separator, hasHeader }: CsvFormat = RFC_4180,
): AsyncGenerator<string> {
  const between = SEPARATORS[separator];
  yield hasHeader ? `\uFEFF${COLUMNS.join(between)}\r\n` : '\uFEFF';
  for await (const entries of pages) {
    if (entries.length > 0) yield entries.map((entry) => linesOf(entry, between)).join('');
    await nextTurn();
  }
}

/**
 * An entry's first member. It is taken out before the rest is parsed: JSON.parse makes every text of up to ten characters a lasting one, to be
 * shared by all that are equal, and positions are all different. At a million entries that was 30 MB.
 */
const POSITION = /^\{"position":"(\d+)",/;

function linesOf(json: EntryJson, between: string): string {
  const [opening = '{', position = ''] = POSITION.exec(json) ?? [];
  const entry = JSON.parse(`{${json.slice(opening.length)}`) as HistoryEntry;
  const { subject, revision, type, at, actor, correlation, request, summary, reason, changes } = entry;
  const entryCells = [position, subject, revision, type, at, actor.account, actor.role];
  entryCells.push(correlation, request, summary, reason ?? '');
  const shared = entryCells.map(cell);
  const line = (cells: string[]): string => `${[...shared, ...cells].join(between)}\r\n`;
  if (changes.length === 0) return line(['', '', '']);
  return changes.map(({ field, before, after }) => line([field, before, after].map(cell))).join('');
}

/** What a spreadsheet would run as a formula when a cell starts with it; the wide forms too, and behind white space or a quote. */
const FORMULA = /^[\s\p{Cf}"]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20]/u;

/** What begins another cell for some reader: every separator that a spreadsheet may use, and the end of a line. */
const NEXT_CELL = /([,;\t|\r\n])/;

/**
 * A value as a cell. An apostrophe keeps a spreadsheet from running a text as a formula (OWASP, CSV injection), also where it splits the
 * text at another separator than this file has.
 */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return quoted(JSON.stringify(value));
  return quoted(guarded(value));
}

function guarded(text: string): string {
  // A text that begins with the end of a cell would be taken for an empty one.
  const lead = /^[\t\r\n]/.test(text) ? "'" : '';
  const parts = text.split(NEXT_CELL);
  return lead + parts.map((part) => (FORMULA.test(part) ? `'${part}` : part)).join('');
}

const quoted = (text: string): string => (/[",;\t|\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
