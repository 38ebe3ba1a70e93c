import { applyRecorded, NOTHING_LOADED, type Aggregate, type Loaded } from '../../domain/aggregate.ts';
import type { Skips } from '../../events/bookkeeping/skips.ts';
import type { CallOptions, EventStore } from '../../events/eventStore.ts';
import { subjectStream } from '../../events/streams.ts';
import { isBeyond, type Horizon } from './horizon.ts';

/** Events read at a time. */
const PAGE = 200;

/** A subject as it was at a horizon. */
export interface Folded<State> {
  id: number;
  /** Null where it was not on the roll: not registered yet, removed, or never there. */
  state: State | null;
  /** Whether an event within the horizon cannot be applied: `state` is the last good one before it. */
  behind: boolean;
}

/**
 * A subject at each of the horizons, in one reading of its stream, which ends with the last event that matters. The state is what
 * `GET …/:id?at=` folds to. Calls `pause` before each read. Rejects with EventStoreError, and with UnknownEventError for an event that only a newer
 * padron can read.
 */
export async function foldAt<State>(
  {
    store,
    aggregate,
    skips,
    pause,
  }: {
    store: Pick<EventStore, 'readStream'>;
    aggregate: Aggregate<State>;
    skips: Skips;
    pause(): Promise<void>;
  },
  id: number,
  horizons: readonly Horizon[],
  { deadline }: CallOptions = {},
): Promise<Folded<State>[]> {
  const stream = subjectStream(aggregate.kind, id);
  const ends: (Loaded<State> | null)[] = horizons.map(() => null);
  let loaded: Loaded<State> = NOTHING_LOADED;
  let open = horizons.length;
  for (let from = 0; open > 0; from += PAGE) {
    await pause();
    const events = await store.readStream(stream, { from, limit: PAGE, deadline });
    for (const event of events) {
      for (const [index, horizon] of horizons.entries()) {
        if (ends[index] !== null || !isBeyond(event, horizon)) continue;
        ends[index] = loaded;
        open -= 1;
      }
      if (open === 0) break;
      loaded = applyRecorded(aggregate, loaded, event, skips);
    }
    if (events.length < PAGE) break;
  }
  return ends.map((end) => foldedOf(id, end ?? loaded));
}

const foldedOf = <State>(id: number, { state, stuck }: Loaded<State>): Folded<State> => ({
  id,
  state,
  behind: stuck !== undefined,
});
