import {
  applyRecorded,
  endsSubject,
  NOTHING_LOADED,
  type Aggregate,
  type Loaded,
} from '../domain/aggregate.ts';
import { readSkips } from '../events/bookkeeping/skips.ts';
import { eventsOf, type CallOptions, type EventStore, type RecordedEvent } from '../events/eventStore.ts';

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
  store: Pick<EventStore, 'readStream'>,
  aggregate: Aggregate<State>,
  stream: string,
  moment: PointInTime,
  options: CallOptions = {},
): Promise<AsOf<State>> {
  const [found] = await asOfBoth(store, aggregate, stream, [moment, moment], options);
  return found;
}

/** The same at two points in time, in whichever order they are, for one reading of the stream. */
export async function asOfBoth<State>(
  store: Pick<EventStore, 'readStream'>,
  aggregate: Aggregate<State>,
  stream: string,
  moments: readonly [PointInTime, PointInTime],
  { deadline }: CallOptions = {},
): Promise<[AsOf<State>, AsOf<State>]> {
  let loaded: Loaded<State> = NOTHING_LOADED;
  let isEmpty = true;
  const passed: [Loaded<State> | null, Loaded<State> | null] = [null, null];
  const skips = await readSkips(store, { deadline });
  for await (const event of eventsOf(store, stream, 0, 500, { deadline })) {
    isEmpty = false;
    if (endsSubject(event)) return [{ missing: 'erased' }, { missing: 'erased' }];
    if (isAfter(event, moments[0])) passed[0] ??= loaded;
    if (isAfter(event, moments[1])) passed[1] ??= loaded;
    if (passed[0] && passed[1]) break;
    loaded = applyRecorded(aggregate, loaded, event, skips);
  }
  if (isEmpty) return [{ missing: 'unknown' }, { missing: 'unknown' }];
  return [standing(passed[0] ?? loaded, moments[0]), standing(passed[1] ?? loaded, moments[1])];
}

/** Whether an event came after a point in time. A stream's instants never decrease, so all later ones did, too. */
const isAfter = ({ revision, metadata }: RecordedEvent, moment: PointInTime): boolean =>
  'at' in moment ? Date.parse(metadata.occurredAt) > moment.at : revision > moment.revision;

function standing<State>(loaded: Loaded<State>, moment: PointInTime): AsOf<State> {
  if ('revision' in moment && loaded.revision < moment.revision) return { missing: 'beyond-last' };
  const { state, began } = loaded;
  if (state !== null && state !== undefined) return { loaded: { ...loaded, state } };
  return { missing: began ? 'after-removal' : 'before-first' };
}
