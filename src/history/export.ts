import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HistoryEntry } from '../projections/history.ts';
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
 * CSV (RFC 4180) with a header, a line a changed field, one for an entry without any. It starts with a byte order mark: spreadsheets
 * take UTF-8 for something else without one.
 */
export async function* toCsv(pages: Pages): AsyncGenerator<string> {
  yield `\uFEFF${COLUMNS.join(',')}\r\n`;
  for await (const entries of pages) {
    if (entries.length > 0) yield entries.map(linesOf).join('');
    await nextTurn();
  }
}

/**
 * An entry's first member. It is taken out before the rest is parsed: JSON.parse makes every text of up to ten characters a lasting one, to be
 * shared by all that are equal, and positions are all different. At a million entries that was 30 MB.
 */
const POSITION = /^\{"position":"(\d+)",/;

function linesOf(json: EntryJson): string {
  const [opening = '{', position = ''] = POSITION.exec(json) ?? [];
  const entry = JSON.parse(`{${json.slice(opening.length)}`) as HistoryEntry;
  const { subject, revision, type, at, actor, correlation, request, summary, reason, changes } = entry;
  const entryCells = [position, subject, revision, type, at, actor.account, actor.role];
  entryCells.push(correlation, request, summary, reason ?? '');
  const shared = entryCells.map(cell).join();
  if (changes.length === 0) return `${shared},,,\r\n`;
  return changes
    .map(({ field, before, after }) => [shared, cell(field), cell(before), cell(after)].join().concat('\r\n'))
    .join('');
}

/** What a spreadsheet would run as a formula when a cell starts with it; the wide forms too, and behind white space. */
const FORMULA = /^[\s\p{Cf}]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20]|^[\t\r\n]/u;

/** A value as a cell. An apostrophe keeps a spreadsheet from running a text as a formula (OWASP, CSV injection). */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return quoted(JSON.stringify(value));
  return quoted(FORMULA.test(value) ? `'${value}` : value);
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
