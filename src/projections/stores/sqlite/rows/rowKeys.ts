import type { Row } from '../../../ports/readModel.ts';

/** The key that every row has, so that a query without keys is one like any other. */
export const EVERY_ROW = '';

/** What the index holds for a row: one entry for each of its keys. */
export interface KeyEntry {
  key: string;
  row: Row;
}

/** All entries of these rows by key, and of one key in the order of the rows: so the index is written from one end to the other. */
export function entriesInOrder(rows: readonly Row[]): KeyEntry[] {
  const entries: KeyEntry[] = [];
  for (const row of rows) {
    entries.push({ key: EVERY_ROW, row });
    for (const key of row.keys) entries.push({ key, row });
  }
  return entries.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
}

type Value = string | bigint | number;

/** The columns of entries in one list: made by pushing, which takes a fifth less of an insert than flattened lists of lists. */
export function valuesOf(entries: readonly KeyEntry[]): Value[] {
  const values: Value[] = [];
  for (const { key, row } of entries) values.push(key, row.at, row.position);
  return values;
}
