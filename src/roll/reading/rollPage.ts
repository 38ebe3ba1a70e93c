import type { Candidate } from './readRoll.ts';

/** Most subjects examined for one page. With filters a page may be short and still have a next. */
const MAX_LOOKED_AT = 2_000;

export interface RollPage<Entry> {
  entries: Entry[];
  /** The id after which the next page starts; null at the end. */
  next: number | null;
  /**
   * Whether one of the examined subjects has an event that cannot be applied: it is shown, if at all,
   * in its last good state, and its changes are missing.
   */
  behind: boolean;
}

/** The best batch size for a page: one more than the page shows whether there is a next. */
export const batchFor = (limit: number): number => limit + 1;

/** A page of the entries that `entryOf` makes of a walk's subjects (null: none). Stops the walk when full. */
export async function pageOf<State, Entry>(
  batches: AsyncIterable<readonly Candidate<State>[]>,
  limit: number,
  entryOf: (candidate: Candidate<State>) => Entry | null,
): Promise<RollPage<Entry>> {
  const page: RollPage<Entry> = { entries: [], next: null, behind: false };
  let looked = 0;
  let last = 0;
  for await (const batch of batches) {
    for (const candidate of batch) {
      const entry = entryOf(candidate);
      if (entry !== null && page.entries.length === limit) return { ...page, next: last };
      if (entry !== null) page.entries.push(entry);
      page.behind ||= isStuck(candidate);
      last = candidate.id;
    }
    looked += batch.length;
    if (looked >= MAX_LOOKED_AT) return { ...page, next: last };
  }
  return page;
}

/** Whether a subject has an event within the horizons that cannot be applied. */
export const isStuck = ({ folds }: Pick<Candidate<unknown>, 'folds'>): boolean =>
  folds.some(({ behind }) => behind);
