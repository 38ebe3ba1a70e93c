import {
  isLikeSpreadsheetValue,
  ROUNDED_NUMBER,
  SPREADSHEET_ERROR,
  unguarded,
} from '../../presentation/csv.ts';
import type { JsonSchema } from '../../validation/schema.ts';
import type { Hints, Members } from '../list/listLine.ts';
import type { HintCode } from '../reasons/hintTexts.ts';
import { integerIn, numberIn, type DecimalRule } from './numbers.ts';

/** How cells are written in a file. */
export interface CellRules {
  decimals: DecimalRule;
  /** `dmy`: day, month and year, as in 15/03/2024, beside YYYY-MM-DD. */
  dates: 'iso' | 'dmy';
}

/** A cell as the value of a member: `undefined` if it is empty; if it is invalid, its text and the reason. */
export type CellValue = { value: unknown } | { value: unknown; hint: HintCode };

/** The parser of one member's cells. */
export type CellReader = (cell: string) => CellValue;

/** The parser for a member with this schema. */
export function cellReader(schema: JsonSchema, rules: CellRules): CellReader {
  const types = [schema['type']].flat();
  const isNullable = types.includes('null');
  const read = readerOf(schema, types, rules);
  return (cell) => {
    const text = plainText(cell);
    if (text === '') return { value: isNullable ? null : types.includes('boolean') ? undefined : '' };
    // With an apostrophe in front it is a text that padron has exported.
    if (read === textCell && isLikeSpreadsheetValue(text) && cell.trimStart().startsWith("'"))
      return { value: text };
    return SPREADSHEET_ERROR.test(text) ? { value: text, hint: 'spreadsheet-error' } : read(text);
  };
}

function readerOf(schema: JsonSchema, types: readonly unknown[], rules: CellRules): CellReader {
  if (types.includes('boolean')) return (text) => ({ value: BOOLEANS[text.toLowerCase()] ?? text });
  if (types.includes('integer')) return (text) => ({ value: integerIn(text) ?? text });
  if (types.includes('number')) return (text) => numberCell(text, rules.decimals);
  if (Array.isArray(schema['enum'])) return (text) => ({ value: SOCIO[text.toLowerCase()] ?? text });
  if (schema['format'] === 'date') return (text) => dateCell(text, rules.dates);
  if (schema['format'] === 'date-time') return (text) => instantCell(text, rules.dates);
  return textCell;
}

/** The text without a spreadsheet's protection of texts and without outer white space. */
export function plainText(cell: string): string {
  const text = cell.trim();
  if (text.startsWith('="') && text.endsWith('"') && text.length > 3)
    return text.slice(2, -1).replaceAll('""', '"').trim();
  return text === '=""' ? '' : unguarded(text).trim();
}

const textCell: CellReader = (text) => {
  if (ROUNDED_NUMBER.test(text)) return { value: null, hint: 'digits-lost' };
  return /[\r\n]/.test(text) ? { value: text, hint: 'line-break' } : { value: text };
};

function numberCell(text: string, decimals: DecimalRule): CellValue {
  const value = numberIn(text, decimals);
  if (value !== null) return { value };
  const hint = `decimal-${decimals.decimal}` as const;
  return { value: text, hint: /^[-\d., ]+$/.test(text) ? `${hint}-or-group` : hint };
}

const DMY = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: 0?0:00(?::00)?)?$/;

function dateCell(text: string, dates: CellRules['dates']): CellValue {
  const [, day = '', month = '', year = ''] = DMY.exec(text) ?? [];
  if (year !== '' && dates === 'dmy')
    return realDay(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`);
  const midnight = /^(\d{4}-\d\d-\d\d)[T ]00:00(?::00)?$/.exec(text)?.[1];
  if (midnight !== undefined) return realDay(midnight);
  if (ISO_DAY.test(text)) return realDay(text);
  if (year !== '') return { value: text, hint: 'day-month-year' };
  return /^\d{1,2}[/.-]\d{1,2}[/.-]\d{2}$/.test(text)
    ? { value: text, hint: 'year-of-two-digits' }
    : { value: text };
}

const ISO_DAY = /^\d{4}-\d\d-\d\d$/;

/** 31 February is written like a day. */
function realDay(text: string): CellValue {
  const day = new Date(`${text}T00:00:00Z`).getUTCDate();
  const isReal = day === Number(text.slice(-2));
  return isReal ? { value: text } : { value: text, hint: 'no-such-day' };
}

/** A day means its first instant in UTC. */
function instantCell(text: string, dates: CellRules['dates']): CellValue {
  const day = dateCell(text, dates);
  if ('hint' in day) return day;
  return ISO_DAY.test(String(day.value)) ? { value: `${String(day.value)}T00:00:00Z` } : day;
}

const BOOLEANS: Partial<Record<string, boolean>> = {
  true: true,
  verdadero: true,
  sí: true,
  si: true,
  '1': true,
  false: false,
  falso: false,
  no: false,
  '0': false,
};

const SOCIO: Partial<Record<string, string | number>> = {
  socio: 'Socio',
  nosocio: 'NoSocio',
  'no socio': 'NoSocio',
  sí: 'Socio',
  si: 'Socio',
  no: 'NoSocio',
  true: 'Socio',
  verdadero: 'Socio',
  false: 'NoSocio',
  falso: 'NoSocio',
  '1': 1,
  '0': 0,
};

/** The members of a row of cells. */
export function membersOf(
  cells: readonly string[],
  readers: readonly ({ member: string; read: CellReader } | null)[],
): { members: Members; hints?: Hints } {
  const members: Members = {};
  let hints: Hints | undefined;
  for (const [index, column] of readers.entries()) {
    if (!column) continue;
    const found = column.read(cells[index] ?? '');
    if (found.value !== undefined) members[column.member] = found.value;
    if ('hint' in found) (hints ??= {})[column.member] = found.hint;
  }
  return hints ? { members, hints } : { members };
}
