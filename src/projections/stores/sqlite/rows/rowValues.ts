import type { Row, RowPlace, RowQuery } from '../../../ports/rows.ts';

/** The columns of rows as one list (see valuesOf in rowKeys.ts). */
export function rowValues(rows: readonly Row[]): (bigint | string)[] {
  const values: (bigint | string)[] = [];
  for (const { position, json } of rows) values.push(position, json);
  return values;
}

/**
 * The range of (at, position) that a query walks, both ends exclusive. Positions are never
 * negative.
 */
export function boundsOf({
  from,
  to,
  after,
  order,
}: Pick<RowQuery, 'from' | 'to' | 'after' | 'order'>): Bounds {
  const lower: RowPlace = { at: from ?? Number.MIN_SAFE_INTEGER, position: -1n };
  const upper: RowPlace = { at: to ?? Number.MAX_SAFE_INTEGER, position: -1n };
  const start = after && order === 'asc' && isBefore(lower, after) ? after : lower;
  const end = after && order === 'desc' && isBefore(after, upper) ? after : upper;
  return [start.at, start.position, end.at, end.position];
}

const isBefore = (a: RowPlace, b: Pick<Row, 'at' | 'position'>): boolean =>
  a.at === b.at ? a.position < b.position : a.at < b.at;

export type Bounds = [lowerAt: number, lowerPosition: bigint, upperAt: number, upperPosition: bigint];
