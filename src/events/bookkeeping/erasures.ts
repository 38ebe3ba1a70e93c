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

/** An announced erasure; whether it was decided is not known yet (see decisionOf). */
export interface ListedErasure extends Omit<ErasureBegun['data'], 'erasure'> {
  id: string;
  /** RFC 3339 instant in UTC. */
  at: string;
  /** The revision of its first announcement in the stream of erasures. */
  announced: number;
  /** Whether its certificate was issued. */
  isProved: boolean;
}

/** The content of the stream of erasures. */
export interface ErasureLog {
  /** In order of announcement. */
  listed: readonly ListedErasure[];
  /** NO_REVISION for an empty stream. */
  revision: number;
  /** Instant of its last event. */
  occurredAt: string | null;
}

/** The list of all erasures; each read continues where the last one ended. */
export interface KnownErasures {
  /** Rejects with EventStoreError and UnknownEventError. */
  refresh(options?: CallOptions): Promise<ErasureLog>;
}

/**
 * The erasures of a log. `ErasureBegun` announces one before it is decided, so the list is complete.
 * The `SubjectErased` in the subject's stream, at the announced revision, decides it (see
 * decisionOf). `ErasureProved` records that no data of the subject is left.
 */
export function createKnownErasures(store: Pick<EventStore, 'readStream'>): KnownErasures {
  const listed = new Map<string, ListedErasure>();
  let revision = NO_REVISION;
  let occurredAt: string | null = null;
  return {
    async refresh(options = {}) {
      for await (const recorded of eventsOf(store, ERASURES_STREAM, revision + 1, 500, options)) {
        // A concurrent refresh may already have added it and later ones.
        if (recorded.revision <= revision) continue;
        const event = bookkeepingEvent(recorded, ['ErasureBegun', 'ErasureProved']);
        if (event.type === 'ErasureBegun') {
          const { erasure: id, ...rest } = event.data;
          const at = recorded.metadata.occurredAt;
          const earlier = listed.get(nameOf(event.data));
          const { announced = recorded.revision, isProved = false } = earlier ?? {};
          listed.set(nameOf(event.data), { id, ...rest, at, announced, isProved });
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

/** An erasure is announced again by a repeated request, and with entries on rolls that were fixed meanwhile. */
const nameOf = ({ erasure, subject, revision }: ErasureProved['data']): string =>
  `${erasure} ${subject} ${revision}`;

/** The event that decided an erasure; null if another event has that revision, or none yet. */
export async function decisionOf(
  store: Pick<EventStore, 'readStream'>,
  { id, subject, revision }: Pick<ListedErasure, 'id' | 'subject' | 'revision'>,
  { deadline }: CallOptions = {},
): Promise<RecordedEvent | null> {
  const [event] = await store.readStream(subject, { from: revision, limit: 1, deadline });
  if (event?.revision !== revision || !isErasure(event)) return null;
  return (event.data as { erasure?: unknown }).erasure === id ? event : null;
}
