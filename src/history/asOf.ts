import type { IsAfter, PastFold } from '../commands/loading/foldPast.ts';
import type { Repository } from '../commands/loading/repository.ts';
import type { Aggregate, Loaded } from '../domain/aggregate.ts';
import type { CallOptions } from '../events/eventStore.ts';

/**
 * A point in a subject's history: its events up to a revision, or at or before an instant
 * (milliseconds since 1970).
 */
export type PointInTime = { revision: number } | { at: number };

/** Why there is no record at a point in time. `unknown`: there never was one; `erased`: the subject was erased. */
export type NotThere = 'unknown' | 'before-first' | 'after-removal' | 'beyond-last' | 'erased';

export type AsOf<State> = { loaded: Loaded<State> & { state: NonNullable<State> } } | { missing: NotThere };

/**
 * The subject at a point in time, folded from its stream, so it is right even while a view is
 * rebuilt. After an event that cannot be applied it is the last good state (`stuck`). Reads no
 * further than needed. Rejects with UnknownEventError for a stream that only a newer padron can
 * read, with EventStoreError if the store is unreachable.
 */
export async function asOf<State>(
  subjects: Pick<Repository, 'past'>,
  aggregate: Aggregate<State>,
  stream: string,
  moment: PointInTime,
  options: CallOptions = {},
): Promise<AsOf<State>> {
  const [fold] = await subjects.past(aggregate, stream, [after(moment)], options);
  return foldedAsOf(fold, moment);
}

/** The same at two points in time. If the subject is erased meanwhile, it is so at both. */
export async function asOfBoth<State>(
  subjects: Pick<Repository, 'past'>,
  aggregate: Aggregate<State>,
  stream: string,
  [first, second]: readonly [PointInTime, PointInTime],
  options: CallOptions = {},
): Promise<[AsOf<State>, AsOf<State>]> {
  const folds = await subjects.past(aggregate, stream, [after(first), after(second)], options);
  if (folds.some(({ end }) => end === 'erased')) return [{ missing: 'erased' }, { missing: 'erased' }];
  return [foldedAsOf(folds[0], first), foldedAsOf(folds[1], second)];
}

/** Whether a place in the stream comes after a point in time. */
const after =
  (moment: PointInTime): IsAfter =>
  ({ revision, latestAt }) =>
    'at' in moment ? latestAt > moment.at : revision > moment.revision;

function foldedAsOf<State>(fold: PastFold<State>, moment: PointInTime): AsOf<State> {
  if (fold.end === 'no events') return { missing: 'unknown' };
  if (fold.end === 'erased') return { missing: 'erased' };
  const { loaded } = fold;
  if ('revision' in moment && loaded.revision < moment.revision) return { missing: 'beyond-last' };
  const { state, began } = loaded;
  if (state !== null && state !== undefined) return { loaded: { ...loaded, state } };
  return { missing: began ? 'after-removal' : 'before-first' };
}
