import { randomUUID, type KeyObject } from 'node:crypto';
import { ErasedData } from '../../events/codec.ts';
import { bookkeepingEvent } from '../../events/bookkeeping/bookkeeping.ts';
import type { Clock } from '../../platform/clock.ts';
import { eventsOf, NO_REVISION, type CallOptions, type EventStore } from '../../events/eventStore.ts';
import { derivedUuid, hmacOf } from '../../events/identifiers.ts';
import { newEvent, notBefore, type CommandOrigin } from '../../events/newEvent.ts';
import { keyStream } from '../../events/streams.ts';
import { SYSTEM_ACTOR, type BookkeepingEvent, type CommandBegun } from '../../events/types.ts';
import type { Request, RequestKey } from '../command.ts';
import type { Floors } from '../loading/floors.ts';
import { pauseBefore, readUntil, type Waits } from '../loading/waits.ts';

/** What is recorded for one Idempotency-Key of one account. */
export interface KeyRecord {
  stream: string;
  revision: number;
  /** Instant of its last event. */
  occurredAt: string | null;
  /** The latest attempt; null when the key is new. */
  begun: CommandBegun['data'] | null;
  /** Whether the command ended in a success without an event. */
  settled: boolean;
  /** True if the request was about a person who was erased since: its other members are lost. */
  erased?: true;
}

/**
 * The deadline for reading and writing a key's stream, and the revisions that the command knows of.
 */
export interface KeyOptions extends Pick<Waits, 'deadline'> {
  floors: Floors;
}

/**
 * Idempotency-Key records (docs/adr/0004). Every attempt writes `CommandBegun` after it has loaded
 * the state and before it appends anything; a success without an event writes `CommandSettled`. All
 * attempts contend for the next revision of the key's stream, so no attempt can append an event
 * after a success that it has not seen.
 */
export interface IdempotencyKeys {
  /** Reads the record. If the store lags behind `floors`, the record may be older than that. */
  open(account: string, key: string, options: KeyOptions): Promise<KeyRecord>;
  /** Records an attempt; null if another attempt was recorded first. */
  begin(
    record: KeyRecord,
    begun: CommandBegun['data'],
    origin: CommandOrigin,
    options: KeyOptions,
  ): Promise<KeyRecord | null>;
  /**
   * The record of a request's key, begun at `revision` of the target or later, by this request or by
   * a copy of it; `key-reused` if a different request was first. Retries until the deadline.
   */
  beginOnce(
    record: KeyRecord,
    request: Pick<Request, 'actor'> & { key: RequestKey },
    place: Pick<CommandBegun['data'], 'target' | 'revision'>,
    origin: CommandOrigin,
    options: KeyOptions,
  ): Promise<KeyRecord | 'key-reused'>;
  /** Records a success without an event; false when another attempt was recorded first. */
  settle(record: KeyRecord, origin: CommandOrigin, options: KeyOptions): Promise<boolean>;
  /**
   * Whether the key's command has succeeded, either with an event on its target at or below `upTo`,
   * or without one. Returns the revision that the target has at least, or null. Rejects with
   * EventStoreError if the store does not show the target up to `upTo` before the deadline.
   */
  successOf(
    record: KeyRecord,
    upTo: number,
    options: Pick<KeyOptions, 'deadline'>,
  ): Promise<{ atLeast: number } | null>;
}

/** The id of the `index`th event of the command with this key. */
export const keyedEventId = ({ stream }: KeyRecord, index: number): string =>
  derivedUuid('key', stream, String(index));

/** Whether the key was first used for a different request. */
export const isForOther = ({ begun }: KeyRecord, { route, bodyHash, formerBodyHash }: RequestKey): boolean =>
  begun !== null &&
  (begun.route !== route || (begun.bodyHash !== bodyHash && begun.bodyHash !== formerBodyHash?.()));

/**
 * The same for requests whose records name no person, and so are never erased: a record that was
 * erased with a person belongs to a command about that person.
 */
export const isForOtherOrErased = (record: KeyRecord, key: RequestKey): boolean =>
  isForOther(record, key) || (record.erased === true && record.begun === null);

export function createIdempotencyKeys({
  store,
  key,
  clock,
}: {
  store: EventStore;
  key: KeyObject;
  clock: Clock;
}): IdempotencyKeys {
  async function read(stream: string, options: CallOptions): Promise<KeyRecord> {
    const record: KeyRecord = {
      stream,
      revision: NO_REVISION,
      occurredAt: null,
      begun: null,
      settled: false,
    };
    for await (const recorded of eventsOf(store, stream, 0, 500, options)) {
      record.revision = recorded.revision;
      record.occurredAt = recorded.metadata.occurredAt;
      if (recorded.data instanceof ErasedData) {
        record.erased = true;
        continue;
      }
      const event = bookkeepingEvent(recorded, ['CommandBegun', 'CommandSettled']);
      if (event.type === 'CommandBegun') record.begun = event.data;
      else record.settled = true;
    }
    return record;
  }

  /** Appends an event to the record's stream; null if the stream has moved on. */
  async function add(
    { stream, revision, occurredAt, ...rest }: KeyRecord,
    event: BookkeepingEvent,
    origin: CommandOrigin,
    { deadline, floors }: KeyOptions,
  ): Promise<KeyRecord | null> {
    const at = notBefore(clock.now(), occurredAt);
    const events = [newEvent(randomUUID(), event, origin, at)];
    const result = await store.append([{ stream, expected: revision, events }], { deadline });
    if (result.outcome === 'appended') return { ...rest, stream, revision: revision + 1, occurredAt: at };
    floors.raise(stream, result.actual);
    return null;
  }

  const keys: IdempotencyKeys = {
    async open(account, value, { deadline, floors }) {
      const stream = keyStream(hmacOf(key, 'key', account, value));
      const record = await readUntil(
        () => read(stream, { deadline }),
        ({ revision }) => revision >= floors.of(stream),
        { clock, deadline },
      );
      // The attempt saw this revision of its target, so later attempts must see at least as much.
      if (record.begun) floors.raise(record.begun.target, record.begun.revision);
      return record;
    },

    async begin(record, begun, origin, options) {
      const begunRecord = await add(record, { type: 'CommandBegun', data: begun }, origin, options);
      return begunRecord && { ...begunRecord, begun };
    },

    async beginOnce(record, { actor, key: own }, { target, revision }, origin, options) {
      const data = { route: own.route, bodyHash: own.bodyHash, target, revision };
      let present = record;
      for (let repeat = 1; ; repeat += 1) {
        if (isForOther(present, own)) return 'key-reused';
        if (present.begun && present.begun.revision >= revision) return present;
        const begun = await keys.begin(present, data, origin, options);
        if (begun) return begun;
        await pauseBefore(repeat, { clock, deadline: options.deadline });
        present = await keys.open(actor.account, own.value, options);
      }
    },

    async settle(record, origin, options) {
      // Without the account: the stream's name does not reveal it, and this event must not either.
      const own = { ...origin, actor: SYSTEM_ACTOR };
      return (await add(record, { type: 'CommandSettled', data: {} }, own, options)) !== null;
    },

    async successOf(record, upTo, { deadline }) {
      if (record.settled) return { atLeast: upTo };
      if (!record.begun) return null;
      const { target } = record.begun;
      const wanted = keyedEventId(record, 0);
      let end = record.begun.revision;
      for (let reads = 1; ; reads += 1) {
        for await (const { id, revision } of eventsOf(store, target, end + 1, 500, { deadline })) {
          if (id === wanted) return { atLeast: revision };
          end = revision;
        }
        if (end >= upTo) return null;
        await pauseBefore(reads, { clock, deadline });
      }
    },
  };
  return keys;
}
