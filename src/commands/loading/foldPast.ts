import { setImmediate as nextTick } from 'node:timers/promises';
import {
  applyRecorded,
  endsSubject,
  NOTHING_LOADED,
  type Aggregate,
  type Loaded,
} from '../../domain/aggregate.ts';
import type { CallOptions, EventStore } from '../../events/eventStore.ts';
import type { Skips } from '../../events/bookkeeping/skips.ts';
import type { PastState, PastStates, StreamPlace } from './pastStates.ts';

/** Revisions between two kept states. */
const KEEP_EVERY = 100;
/** Events per page; the event loop serves others between pages. */
const PAGE = 200;

/** Whether a place is after the wanted point in time. Once true in a stream, it stays true. */
export type IsAfter = (place: StreamPlace) => boolean;

/** Where a fold ended: before the first event after the wanted point in time, or at the stream's end. */
export type PastFold<State> =
  | { end: 'no events' }
  /** One of the events that were read erased the subject, or its data was erased. */
  | { end: 'erased' }
  | { end: 'there'; loaded: Loaded<State>; reached: PastState | null };

export interface FoldPastDependencies {
  store: Pick<EventStore, 'readStream'>;
  states: PastStates;
  skips: Skips;
}

/**
 * The subject by its events up to a point in time, as a fold from the start of the stream. Begins at
 * `from` or at a kept state if that is nearer, and keeps states on the way. The last event before
 * that beginning is read again: that shows whether the person was erased and the log is still the same.
 */
export async function foldPast<State>(
  { store, states, skips }: FoldPastDependencies,
  aggregate: Aggregate<State>,
  stream: string,
  isAfter: IsAfter,
  { deadline, from = null }: CallOptions & { from?: PastState | null },
): Promise<PastFold<State>> {
  const past = states.of(stream);
  const { found, isLast } = past.nearest(isAfter);
  const begun = from && !isAfter(from) && from.revision >= (found?.revision ?? 0) ? from : found;
  let loaded = (begun?.loaded ?? NOTHING_LOADED) as Loaded<State>;
  let reached = begun;
  const limit = isLast ? PAGE : KEEP_EVERY + 1;
  for (let next = begun?.revision ?? 0; ; next += limit) {
    const page = await store.readStream(stream, { from: next, limit, deadline });
    if (next === begun?.revision && page[0]?.id !== begun.eventId) {
      // The log is not the one that was folded before.
      states.forget(stream);
      return foldPast({ store, states, skips }, aggregate, stream, isAfter, { deadline });
    }
    for (const event of page) {
      const { revision, id: eventId, metadata } = event;
      if (endsSubject(event)) {
        states.forget(stream);
        return { end: 'erased' };
      }
      if (revision === begun?.revision) continue;
      const latestAt = Math.max(reached?.latestAt ?? -Infinity, Date.parse(metadata.occurredAt));
      if (isAfter({ revision, latestAt })) return { end: 'there', loaded, reached };
      loaded = applyRecorded(aggregate, loaded, event, skips);
      reached = { loaded: loaded as PastState['loaded'], revision, latestAt, eventId };
      if ((revision + 1) % KEEP_EVERY === 0) past.keep(reached);
    }
    if (next === 0 && page.length === 0) return { end: 'no events' };
    if (page.length < limit) return { end: 'there', loaded, reached };
    await nextTick();
  }
}
