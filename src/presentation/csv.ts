import { setImmediate as nextTick } from 'node:timers/promises';

/** The one CSV writer (RFC 4180), for histories, lists and whatever else leaves as CSV; `unguarded` is its inverse for the import. */

/** How a CSV file is laid out. */
export interface CsvFormat {
  /** The name, as `Accept` has it. */
  separator: keyof typeof SEPARATORS;
  /** What stands before the decimals of a number. */
  decimal: 'point' | 'comma';
  hasHeader: boolean;
}

/** What may stand between two cells. A spreadsheet with a Spanish locale wants semicolons. */
export const SEPARATORS = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const;

/** The decimals that a spreadsheet expects in a file with this separator: where semicolons separate, commas are decimal. */
export const decimalOf = (separator: CsvFormat['separator']): CsvFormat['decimal'] =>
  separator === 'semicolon' ? 'comma' : 'point';

export const DEFAULT_CSV: CsvFormat = { separator: 'comma', decimal: 'point', hasHeader: true };

/** Spreadsheets take UTF-8 for another encoding without it. */
const BYTE_ORDER_MARK = '\uFEFF';

/** The first line of a file: the byte order mark, and the names of the columns where the format has them. */
export const csvHeader = (columns: readonly string[], format: CsvFormat): string =>
  BYTE_ORDER_MARK + (format.hasHeader ? csvLine(columns, format) : '');

/** One row with its end of line. */
const csvLine = (values: readonly unknown[], format: CsvFormat): string =>
  `${values.map((value) => csvCell(value, format)).join(SEPARATORS[format.separator])}\r\n`;

/** A whole file, a piece for each page of rows, empty for a page without; requests get their turn between two pages. */
export async function* csvText(
  columns: readonly string[],
  pages: AsyncIterable<readonly (readonly unknown[])[]>,
  format: CsvFormat,
): AsyncGenerator<string> {
  yield csvHeader(columns, format);
  for await (const rows of pages) {
    yield rows.map((row) => csvLine(row, format)).join('');
    await nextTick();
  }
}

/**
 * What a spreadsheet would run as a formula when a cell starts with it; the wide forms too, and behind white space or a quote. Apostrophes
 * before it count as part of it, so that a text that has one already gets another, and `unguarded` gives every text back.
 */
const FORMULA = /^'*[\s\p{Cf}"]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20]/u;

/** What begins another cell for some reader: every separator that a spreadsheet may use, and the end of a line. */
const NEXT_CELL = /([,;\t|\r\n])/;

/** A text that a reader would take for an empty cell and a further one. */
const EMPTY_BEGINNING = /^'*[\t\r\n]/;

/**
 * A value as a cell. An apostrophe keeps a spreadsheet from running a text as a formula (OWASP, CSV injection), also where it splits the
 * text at another separator than this file has.
 */
export function csvCell(value: unknown, { separator, decimal }: CsvFormat = DEFAULT_CSV): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return quoted(guarded(value));
  if (typeof value !== 'number' || decimal === 'point') return quoted(JSON.stringify(value));
  const number = JSON.stringify(value).replace('.', ',');
  return separator === 'comma' ? quoted(number) : number;
}

function guarded(text: string): string {
  const lead = EMPTY_BEGINNING.test(text) ? "'" : '';
  const parts = text.split(NEXT_CELL);
  return lead + parts.map((part) => (FORMULA.test(part) ? `'${part}` : part)).join('');
}

/** The text that `csvCell` made this cell's text of; any other text that was guarded in the same way, without its guard. */
export function unguarded(text: string): string {
  if (!text.includes("'")) return text;
  const whole = text.startsWith("'") && EMPTY_BEGINNING.test(text) ? text.slice(1) : text;
  const parts = whole.split(NEXT_CELL);
  return parts.map((part) => (part.startsWith("'") && FORMULA.test(part) ? part.slice(1) : part)).join('');
}

const quoted = (text: string): string => (/[",;\t|\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
