/** The decimal separator of a file; `isSaid`: given by the caller, not guessed from the cell separator. */
export interface DecimalRule {
  decimal: 'point' | 'comma';
  isSaid: boolean;
}

/** No number is longer. What CURRENCY makes of a text takes time cubic in its length: 42 s for 20,000 spaces. */
const MAX_LENGTH = 100;

const CURRENCY =
  /^(?:€|eur)?[\s\u00a0\u202f]*(-?[\d.,'\u00a0\u202f ]*\d(?:e[+-]?\d+)?)[\s\u00a0\u202f]*(?:€|eur|euros?)?$/i;

/** A space separates thousands only before three digits. */
const GROUP_SPACE = /(?<=\d)[\s\u00a0\u202f](?=\d{3}(?:\D|$))/g;

const FORMS = {
  point: {
    point: '.',
    group: ',',
    plain: /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i,
    grouped: /^-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/,
  },
  comma: {
    point: ',',
    group: '.',
    plain: /^-?\d+(?:,\d+)?(?:e[+-]?\d+)?$/i,
    grouped: /^-?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/,
  },
};

/**
 * The number in a cell, with or without a euro sign. Null if it is not a number or is ambiguous: in a
 * file with decimal commas, `1.250` is 1250 to a Spanish spreadsheet and 1.25 to a program, unless the
 * caller has given the decimal separator.
 */
export function numberIn(cell: string, { decimal, isSaid }: DecimalRule): number | null {
  const bare = cell.length > MAX_LENGTH ? undefined : CURRENCY.exec(cell)?.[1]?.replace(GROUP_SPACE, '');
  if (bare === undefined) return null;
  const { point, group, plain, grouped } = FORMS[decimal];
  if (plain.test(bare)) return Number(bare.replace(point, '.'));
  if (grouped.test(bare)) {
    const isClear = isSaid || bare.includes(point) || bare.split(group).length > 2;
    return isClear ? Number(bare.replaceAll(group, '').replace(point, '.')) : null;
  }
  // A single point not followed by three digits cannot separate thousands.
  if (decimal === 'comma' && /^-?\d+\.(?:\d{1,2}|\d{4,})$/.test(bare)) return Number(bare);
  return null;
}

/** A whole number, with or without thousands separators, all the same. */
export function integerIn(cell: string): number | null {
  if (/^-?\d+$/.test(cell)) return Number(cell);
  return /^-?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*$/.test(cell) ? Number(cell.replace(/[.,]/g, '')) : null;
}
