import type { RowPage, RowPlace } from './readModel.ts';

/** A page that is being gathered from rows in the order of the walk, of which not all belong in it. */
export interface GatheredPage {
  /** Takes the next row looked at, null for one that does not belong; says whether to look on. */
  look(place: RowPlace, row: RowPage['rows'][number] | null): boolean;
  /** The page. `exhausted`: there was no further row to look at. */
  end(exhausted: boolean): RowPage;
}

/** A page of at most `limit` rows from at most `scan` looked at. It looks one row further than it needs, to know its `next`. */
export function gatherPage({ limit, scan }: { limit: number; scan: number }): GatheredPage {
  const rows: RowPage['rows'] = [];
  let looked = 0;
  let last: RowPlace | null = null;

  return {
    look(place, row) {
      if (row && rows.length === limit) return false;
      if (row) rows.push(row);
      last = { at: place.at, position: place.position };
      looked += 1;
      return looked < scan;
    },
    end: (exhausted) => ({ rows, next: exhausted ? null : last }),
  };
}
