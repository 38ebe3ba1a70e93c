import {
  applyRecorded,
  endsSubject,
  NOTHING_LOADED,
  type Aggregate,
  type Loaded,
} from '../domain/aggregate.ts';
import { readSkips } from '../events/bookkeeping/skips.ts';
import { eventsOf, type CallOptions, type EventStore } from '../events/eventStore.ts';

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
  { deadline }: CallOptions = {},
): Promise<AsOf<State>> {
  let loaded: Loaded<State> = NOTHING_LOADED;
  let isEmpty = true;
  const skips = await readSkips(store, { deadline });
  for await (const event of eventsOf(store, stream, 0, 500, { deadline })) {
    isEmpty = false;
    if (endsSubject(event)) return { missing: 'erased' };
    // A stream's instants never decrease, so no later event is earlier.
    const isLater =
      'at' in moment ? Date.parse(event.metadata.occurredAt) > moment.at : event.revision > moment.revision;
    if (isLater) break;
    loaded = applyRecorded(aggregate, loaded, event, skips);
  }
  if (isEmpty) return { missing: 'unknown' };
  if ('revision' in moment && loaded.revision < moment.revision) return { missing: 'beyond-last' };
  const { state, began } = loaded;
  if (state !== null && state !== undefined) return { loaded: { ...loaded, state } };
  return { missing: began ? 'after-removal' : 'before-first' };
}
