import type { Row } from '../../../ports/rows.ts';

/** A key that every row has, so that a query without keys works like any other. */
export const EVERY_ROW = '';

/** An index entry of a row; it has one per key. */
export interface KeyEntry {
  key: string;
  row: Row;
}

/**
 * All entries of these rows by key and, within a key, in row order, so that the index is written
 * sequentially.
 */
export function entriesInOrder(rows: readonly Row[]): KeyEntry[] {
  const entries: KeyEntry[] = [];
  for (const row of rows) {
    entries.push({ key: EVERY_ROW, row });
    for (const key of row.keys) entries.push({ key, row });
  }
  return entries.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
}

export type Value = string | bigint | number;

/**
 * The columns of entries as one list. Pushing instead of flattening lists of lists makes an insert a
 * fifth faster.
 */
export function valuesOf(entries: readonly KeyEntry[]): Value[] {
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
