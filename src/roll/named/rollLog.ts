import { bookkeepingEvent } from '../../events/bookkeeping/bookkeeping.ts';
import {
  eventsOf,
  NO_REVISION,
  type CallOptions,
  type EventStore,
  type Position,
} from '../../events/eventStore.ts';
import { ROLLS_STREAM } from '../../events/streams.ts';
import type { Actor } from '../../events/types.ts';
import type { RollName } from '../rollKinds.ts';

/** A named roll, which never changes. */
export interface NamedRoll {
  id: number;
  name: string;
  kind: RollName;
  /** Milliseconds since 1970. */
  at: number;
  /** The position of the event that fixed it; later events do not count. */
  position: Position;
  count: number;
  /** See digestOf. */
  digest: string;
  by: Actor;
  /** RFC 3339 */
  createdAt: string;
  /** The id of the event that named it. */
  eventId: string;
  /** The revision of the event that fixed it. */
  fixed: number;
}

/** A roll that is fixed, named or not. */
export interface FixedRoll extends Pick<NamedRoll, 'kind' | 'at' | 'position'> {
  /** Of its `RollFixed`. */
  revision: number;
}

/** The content of the stream of rolls. */
export interface RollLog {
  rolls: NamedRoll[];
  fixed: FixedRoll[];
  /** NO_REVISION for an empty stream. */
  revision: number;
  /** Instant of its last event. */
  occurredAt: string | null;
}

/**
 * Reads all named rolls. `RollFixed` fixes a moment and, by its position, the events that count;
 * `RollNamed` refers to it. A fixed roll without a name is left from a failed attempt. Rejects with
 * EventStoreError and UnknownEventError.
 */
export async function readRolls(
  store: Pick<EventStore, 'readStream'>,
  options: CallOptions = {},
): Promise<RollLog> {
  const log: RollLog = { rolls: [], fixed: [], revision: NO_REVISION, occurredAt: null };
  for await (const recorded of eventsOf(store, ROLLS_STREAM, 0, 500, options)) {
    const { revision, position, metadata } = recorded;
    const event = bookkeepingEvent(recorded, ['RollFixed', 'RollNamed']);
    if (event.type === 'RollFixed') {
      log.fixed.push({ revision, kind: event.data.kind, at: Date.parse(event.data.at), position });
    } else {
      const { fixed, name, count, digest } = event.data;
      const place = log.fixed.find((one) => one.revision === fixed);
      const { actor: by, occurredAt: createdAt } = metadata;
      const id = log.rolls.length + 1;
      if (place) {
        const { kind, at, position: end } = place;
        const eventId = recorded.id;
        log.rolls.push({ id, name, kind, at, position: end, count, digest, by, createdAt, eventId, fixed });
      }
    }
    log.revision = revision;
    log.occurredAt = metadata.occurredAt;
  }
  return log;
}
