import type { Door } from './door.ts';

type Text = string | ((door: Door) => string);

const decimals = (example: string): string => `decimals have ${example}`;
const POINT = decimals('a point, as in 12.5');
const COMMA = decimals('a comma, as in 12,5');
const orOther =
  (text: string): Text =>
  (door) =>
    `${text}; ${door('decimal')} says otherwise, and decides where a number can be read in two ways`;

/** What to do about a value, by code, in English. */
const HINTS = {
  'spreadsheet-error': 'the cell holds an error',
  'digits-lost': 'a spreadsheet has dropped some of its digits: format the column as text and enter it again',
  'decimal-point': POINT,
  'decimal-comma': COMMA,
  'decimal-point-or-group': orOther(POINT),
  'decimal-comma-or-group': orOther(COMMA),
  'day-month-year': (door: Door) => `if it is day/month/year, say ${door('dates', 'dmy')}`,
  'year-of-two-digits': 'the year needs four digits',
  'no-such-day': 'the calendar has no such day',
  'line-break': 'the cell has a line break, as Alt+Enter makes in a spreadsheet: replace it with a space',
  'true-or-false': 'true, false, 1, 0, sí or no',
} as const satisfies Record<string, Text>;

export type HintCode = keyof typeof HINTS;
export const HINT_CODES = Object.keys(HINTS) as HintCode[];

/** Empty for a code that a newer padron has stored. */
export function hintText(code: string, door: Door): string {
  const text = Object.hasOwn(HINTS, code) ? HINTS[code as HintCode] : '';
  return typeof text === 'string' ? text : text(door);
}
