import { setImmediate as nextTick } from 'node:timers/promises';

/** The only CSV writer (RFC 4180); `unguarded` is its inverse, for imports. */

/** The layout of a CSV file. */
export interface CsvFormat {
  /** Its name as a parameter of `Accept`. */
  separator: keyof typeof SEPARATORS;
  /** The decimal separator. */
  decimal: 'point' | 'comma';
  hasHeader: boolean;
}

/** The separators between cells. Spreadsheets with a Spanish locale expect semicolons. */
export const SEPARATORS = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const;

/** The decimal separator that spreadsheets expect: a comma in files separated by semicolons. */
export const decimalOf = (separator: CsvFormat['separator']): CsvFormat['decimal'] =>
  separator === 'semicolon' ? 'comma' : 'point';

export const DEFAULT_CSV: CsvFormat = { separator: 'comma', decimal: 'point', hasHeader: true };

/** Without it, spreadsheets do not recognise UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';

/** The start of a file: the byte order mark and, if the format has one, the line of column names. */
export const csvHeader = (columns: readonly string[], format: CsvFormat): string =>
  BYTE_ORDER_MARK + (format.hasHeader ? csvLine(columns, format) : '');

/** One row with its end of line. */
const csvLine = (values: readonly unknown[], format: CsvFormat): string =>
  `${values.map((value) => csvCell(value, format)).join(SEPARATORS[format.separator])}\r\n`;

/** A whole file, one piece per page of rows, possibly empty; other requests are served between pages. */
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
 * The start of a cell that a spreadsheet would run as a formula, including the wide forms, and after
 * white space or a quote. Leading apostrophes are included: such a text gets one more, so that
 * `unguarded` can restore every text.
 */
const FORMULA = /^'*[\s\p{Cf}"]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20]/u;

/** Everything that ends a cell for some reader: any separator of a spreadsheet, and the end of a line. */
const NEXT_CELL = /([,;\t|\r\n])/;

/** Whether a text may need quotes or an apostrophe: most cells need neither, and this tells at once. */
const NEEDS_CARE = /[",;\t|\r\n=+\-@#\uFF0B\uFF0D\uFF1D\uFF20]/;

/** What a spreadsheet shows in place of a value that it cannot compute or has no room for. */
export const SPREADSHEET_ERROR =
  /^#(?:N\/[AD]|[¡¿]?(?:REF|VALUE|VALOR|DIV\/0|NAME|NOMBRE|NUM|NULL|NULO)[!?]|#+)$/i;

/** A number that a spreadsheet has rounded: some of its digits are lost. */
export const ROUNDED_NUMBER = /^\d(?:[.,]\d+)?E\+\d+$/i;

/** Whether a text looks like such a value of a spreadsheet: it gets an apostrophe, so that an import can tell them apart. */
export const isLikeSpreadsheetValue = (text: string): boolean =>
  SPREADSHEET_ERROR.test(text) || ROUNDED_NUMBER.test(text);

const withoutApostrophes = (text: string): string => text.replace(/^'+/, '');

/** A text that some reader would split into an empty cell and another one. */
const EMPTY_BEGINNING = /^'*[\t\r\n]/;

/**
 * A value as a cell. An apostrophe keeps spreadsheets from running a text as a formula (OWASP, CSV
 * injection), even if they split it at another separator than this file's.
 */
export function csvCell(value: unknown, { separator, decimal }: CsvFormat = DEFAULT_CSV): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return NEEDS_CARE.test(value) ? quoted(guarded(value)) : value;
  if (typeof value !== 'number' || decimal === 'point') return quoted(JSON.stringify(value));
  const number = JSON.stringify(value).replace('.', ',');
  return separator === 'comma' ? quoted(number) : number;
}

function guarded(text: string): string {
  if (isLikeSpreadsheetValue(withoutApostrophes(text))) return `'${text}`;
  if (!NEXT_CELL.test(text)) return FORMULA.test(text) ? `'${text}` : text;
  const lead = EMPTY_BEGINNING.test(text) ? "'" : '';
  const parts = text.split(NEXT_CELL);
  return lead + parts.map((part) => (FORMULA.test(part) ? `'${part}` : part)).join('');
}

/** A cell's text without the guard that `csvCell`, or another program in the same way, has added. */
export function unguarded(text: string): string {
  if (!text.includes("'")) return text;
  if (text.startsWith("'") && isLikeSpreadsheetValue(withoutApostrophes(text))) return text.slice(1);
  const whole = text.startsWith("'") && EMPTY_BEGINNING.test(text) ? text.slice(1) : text;
  const parts = whole.split(NEXT_CELL);
  return parts.map((part) => (part.startsWith("'") && FORMULA.test(part) ? part.slice(1) : part)).join('');
}

const quoted = (text: string): string => (/[",;\t|\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
