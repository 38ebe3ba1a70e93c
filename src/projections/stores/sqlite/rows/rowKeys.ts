import type { Row, RowPlace, RowQuery } from '../../../ports/rows.ts';

/** A key that every row has, so that a query without keys works like any other. */
export const EVERY_ROW = '';

export type Value = string | bigint | number;

/**
 * The columns of rows as one list. Pushing instead of flattening lists of lists makes an insert a
 * fifth faster.
 */
export function rowValues(rows: readonly Row[]): Value[] {
  const values: Value[] = [];
  for (const { position, json } of rows) values.push(position, json);
  return values;
}

/**
 * The columns of the rows' index entries, one per key, as one list: by key and, within a key, in row
 * order, so that the index is written sequentially.
 */
export function keyValues(rows: readonly Row[]): Value[] {
  const entries: { key: string; row: Row }[] = [];
  for (const row of rows) {
    entries.push({ key: EVERY_ROW, row });
    for (const key of row.keys) entries.push({ key, row });
  }
  entries.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
  const values: Value[] = [];
  for (const { key, row } of entries) values.push(key, row.at, row.position);
  return values;
}

/** The rows of each key, as indexes into the list. */
export function rowsByKey(rows: readonly Pick<Row, 'keys'>[]): Map<string, number[]> {
  const byKey = new Map<string, number[]>([[EVERY_ROW, [...rows.keys()]]]);
  for (let index = 0; index < rows.length; index += 1) {
    for (const key of rows[index]?.keys ?? []) {
      const own = byKey.get(key);
      if (own) own.push(index);
      else byKey.set(key, [index]);
    }
  }
  return byKey;
}

export type Bounds = [lowerAt: number, lowerPosition: bigint, upperAt: number, upperPosition: bigint];

/** The range of (at, position) that a query walks, both ends exclusive. Positions are never negative. */
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

const isBefore = (a: RowPlace, b: RowPlace): boolean =>
  a.at === b.at ? a.position < b.position : a.at < b.at;
