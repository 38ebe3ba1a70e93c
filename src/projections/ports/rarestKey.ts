import type { RowPlace, RowQuery } from './rows.ts';

/** Rows of a key that are counted to judge how rare it is. */
export const MAX_COUNTED = 1_000;

/** How many rows a key has ahead of a walk. */
export interface KeyAhead {
  key: string;
  /** The place of row number MAX_COUNTED; the number of rows if there are fewer. */
  ahead: RowPlace | number;
}

/**
 * The keys, rarest ahead of the walk first; of equals, the first one given. Keys with few rows are
 * compared by number; of two with many, the one whose counted rows reach farther is rarer here. So
 * a choice costs the same however long the log is.
 */
export function rarestFirst(keys: readonly KeyAhead[], order: RowQuery['order']): string[] {
  const direction = order === 'asc' ? 1 : -1;
  return [...keys]
    .sort(({ ahead: a }, { ahead: b }) => {
      if (typeof a === 'number' || typeof b === 'number') return countOf(a) - countOf(b);
      return direction * (b.at - a.at || Number(b.position - a.position));
    })
    .map(({ key }) => key);
}

const countOf = (ahead: RowPlace | number): number => (typeof ahead === 'number' ? ahead : MAX_COUNTED);
