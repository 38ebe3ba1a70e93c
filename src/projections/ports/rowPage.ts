import type { RowPage, RowPlace } from './rows.ts';

/**
 * Gathers a page of at most `limit` rows from at most `scan` rows in walk order, of which not all
 * belong to it. Examines one row more than needed, to know `next`.
 */
export function gatherPage({ limit, scan }: { limit: number; scan: number }) {
  const rows: RowPage['rows'] = [];
  let looked = 0;
  let last: RowPlace | null = null;

  return {
    /** Takes the next examined row, null if it does not belong; returns whether to continue. */
    look(place: RowPlace, row: RowPage['rows'][number] | null): boolean {
      if (row && rows.length === limit) return false;
      if (row) rows.push(row);
      last = { at: place.at, position: place.position };
      looked += 1;
      return looked < scan;
    },
    /** The page. `exhausted`: there were no further rows. */
    end: (exhausted: boolean): RowPage => ({ rows, next: exhausted ? null : last }),
  };
}
