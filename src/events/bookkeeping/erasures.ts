import { bookkeepingEvent } from './bookkeeping.ts';
import {
  eventsOf,
  NO_REVISION,
  type CallOptions,
  type EventStore,
  type RecordedEvent,
} from '../eventStore.ts';
import { ERASURES_STREAM, subjectOf } from '../streams.ts';
import type { ErasureBegun, ErasureProved } from '../types.ts';

/** Whether an event is the erasure of its subject. */
export const isErasure = ({ type, stream }: Pick<RecordedEvent, 'type' | 'stream'>): boolean =>
  type === 'SubjectErased' && subjectOf(stream) !== null;

/** An erasure as the log lists it, before it is known whether it was decided. */
export interface ListedErasure extends Omit<ErasureBegun['data'], 'erasure'> {
  id: string;
  /** RFC 3339 instant in UTC. */
  at: string;
  /** Whether its certificate was issued. */
  isProved: boolean;
}

/** What the stream of erasures says. */
export interface ErasureLog {
  /** In the order of the log. */
  listed: readonly ListedErasure[];
  /** NO_REVISION for an empty stream. */
  revision: number;
  /** Instant of its last event. */
  occurredAt: string | null;
}

/** The list of all erasures, read on from where the last read ended. */
export interface KnownErasures {
  /** Rejects with EventStoreError and UnknownEventError. */
  refresh(options?: CallOptions): Promise<ErasureLog>;
}

/**
 * Every erasure is listed before it is decided, so the list lacks none. `ErasureBegun` announces it; the `SubjectErased` in the subject's own
 * stream, at the revision that the announcement names, decides (see decisionOf); `ErasureProved` says that nothing is left.
 */
export function createKnownErasures(store: Pick<EventStore, 'readStream'>): KnownErasures {
  const listed = new Map<string, ListedErasure>();
  let revision = NO_REVISION;
  let occurredAt: string | null = null;
  return {
    async refresh(options = {}) {
      for await (const recorded of eventsOf(store, ERASURES_STREAM, revision + 1, 500, options)) {
        // A concurrent refresh may have taken it already, and later ones as well.
        if (recorded.revision <= revision) continue;
        const event = bookkeepingEvent(recorded, ['ErasureBegun', 'ErasureProved']);
        if (event.type === 'ErasureBegun') {
          const { erasure: id, ...rest } = event.data;
          listed.set(nameOf(event.data), { id, ...rest, at: recorded.metadata.occurredAt, isProved: false });
        } else {
          const proved = listed.get(nameOf(event.data));
          if (proved) proved.isProved = true;
        }
        revision = recorded.revision;
        occurredAt = recorded.metadata.occurredAt;
      }
      return { listed: [...listed.values()], revision, occurredAt };
    },
  };
}

/** A request that is repeated with its key may announce the same erasure at several revisions. */
const nameOf = ({ erasure, subject, revision }: ErasureProved['data']): string =>
  `${erasure} ${subject} ${revision}`;

/** The event that decided an erasure; null where another event took its place, or none has yet. */
export async function decisionOf(
  store: Pick<EventStore, 'readStream'>,
  { id, subject, revision }: Pick<ListedErasure, 'id' | 'subject' | 'revision'>,
  { deadline }: CallOptions = {},
): Promise<RecordedEvent | null> {
  const [event] = await store.readStream(subject, { from: revision, limit: 1, deadline });
  if (event?.revision !== revision || !isErasure(event)) return null;
  return (event.data as { erasure?: unknown }).erasure === id ? event : null;
}
