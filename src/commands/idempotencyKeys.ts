import { randomUUID, type KeyObject } from 'node:crypto';
import { bookkeepingEvent } from '../events/bookkeeping.ts';
import { eventsOf, NO_REVISION, type EventStore } from '../events/eventStore.ts';
import { derivedUuid, hmacOf } from '../events/identifiers.ts';
import { newEvent, notBefore, type Origin } from '../events/newEvent.ts';
import { keyStream } from '../events/streams.ts';
import type { CommandBegun } from '../events/types.ts';

/** What is on record of one Idempotency-Key of one account. */
export interface KeyRecord {
  stream: string;
  revision: number;
  /** Instant of its last event. */
  occurredAt: string | null;
  /** The latest attempt; null when the key is new. */
  begun: CommandBegun['data'] | null;
  /** Whether the command ended in a success without an event. */
  settled: boolean;
}

/**
 * Requests that may be repeated (contract, section 3; docs/adr/0004). `CommandBegun` fixes the target before the command runs, the ids of its
 * events follow from the key, and the event on the target is itself the record of the outcome: no second write, no table
 * that could disagree with the log. Only a success without an event needs a `CommandSettled`.
 */
export interface IdempotencyKeys {
  open(account: string, key: string): Promise<KeyRecord>;
  /** Records the target, unless somebody has just done so with the same key: the answer is what is on record then. */
  begin(record: KeyRecord, begun: CommandBegun['data'], origin: Origin, now: string): Promise<KeyRecord>;
  /** Records a success without an event. */
  settle(record: KeyRecord, origin: Origin, now: string): Promise<void>;
  /** Whether the key's command has succeeded: with an event on its target, or without one. */
  hasSucceeded(record: KeyRecord): Promise<boolean>;
}

/** The id of the `index`th event of the command with this key. */
export const keyedEventId = ({ stream }: KeyRecord, index: number): string =>
  derivedUuid('key', stream, String(index));

export function createIdempotencyKeys({
  store,
  key,
}: {
  store: EventStore;
  key: KeyObject;
}): IdempotencyKeys {
  async function read(stream: string): Promise<KeyRecord> {
    const record: KeyRecord = {
      stream,
      revision: NO_REVISION,
      occurredAt: null,
      begun: null,
      settled: false,
    };
    for await (const recorded of eventsOf(store, stream)) {
      record.revision = recorded.revision;
      record.occurredAt = recorded.metadata.occurredAt;
      const event = bookkeepingEvent(recorded, ['CommandBegun', 'CommandSettled']);
      if (event.type === 'CommandBegun') record.begun = event.data;
      else record.settled = true;
    }
    return record;
  }

  return {
    open: (account, value) => read(keyStream(hmacOf(key, 'key', account, value))),

    async begin(record, begun, origin, now) {
      const { stream, revision, occurredAt } = record;
      const at = notBefore(now, occurredAt);
      const event = newEvent(randomUUID(), { type: 'CommandBegun', data: begun }, origin, at);
      const result = await store.append([{ stream, expected: revision, events: [event] }]);
      return result.outcome === 'appended'
        ? { ...record, revision: revision + 1, occurredAt: at, begun }
        : read(stream);
    },

    async settle({ stream, revision, occurredAt }, origin, now) {
      const at = notBefore(now, occurredAt);
      const event = newEvent(randomUUID(), { type: 'CommandSettled', data: {} }, origin, at);
      // A conflict means that somebody has settled it, or begun anew, meanwhile: either way nothing is owed here.
      await store.append([{ stream, expected: revision, events: [event] }]);
    },

    async hasSucceeded(record) {
      if (record.settled) return true;
      if (!record.begun) return false;
      const wanted = keyedEventId(record, 0);
      for await (const { id } of eventsOf(store, record.begun.target, record.begun.revision + 1)) {
        if (id === wanted) return true;
      }
      return false;
    },
  };
}
