import type { RowPlace, RowQuery } from './rows.ts';

/** Rows of a key that are counted to judge how rare it is. */
export const MAX_COUNTED = 1_000;

/** How many rows a key has ahead of a walk. */
export interface KeyAhead {
  key: string;
  /** At most MAX_COUNTED. */
  rows: number;
  /** The place of row number MAX_COUNTED; null if there are fewer. */
  farthest: RowPlace | null;
}

/**
 * The keys, rarest ahead of the walk first; of equals, the first one given. Keys with few rows are
 * compared by number; of two with many, the one whose counted rows reach farther is rarer here. So
 * a choice costs the same however long the log is.
 */
export function rarestFirst(keys: readonly KeyAhead[], order: RowQuery['order']): string[] {
  const direction = order === 'asc' ? 1 : -1;
  return [...keys]
    .sort((a, b) => {
      if (!a.farthest || !b.farthest) return a.rows - b.rows;
      return direction * (b.farthest.at - a.farthest.at || Number(b.farthest.position - a.farthest.position));
    })
    .map(({ key }) => key);
}
