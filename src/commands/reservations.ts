import { randomUUID, type KeyObject } from 'node:crypto';
import { bookkeepingData } from '../events/bookkeeping.ts';
import type { Clock } from '../events/clock.ts';
import {
  lastEventOf,
  NO_REVISION,
  type EventStore,
  type RecordedEvent,
  type StreamAppend,
} from '../events/eventStore.ts';
import { derivedUuid, hmacOf } from '../events/identifiers.ts';
import { newEvent, notBefore, systemOrigin, type Origin } from '../events/newEvent.ts';
import { reservationStream } from '../events/streams.ts';
import type { Aggregate, Loaded, UniqueValue } from './aggregate.ts';
import type { Repository } from './repository.ts';

/** How long a claim in flight may stand still before it is fenced, on the challenger's own clock (contract, section 5). */
export const CLAIM_GRACE_MS = 500;

/** Claims read at a time where all of a value's are wanted. */
const CLAIMS_PAGE = 100;

/** Claims that may get in between before a challenger gives up: only a crowd of instances can reach it. */
const MOST_CHALLENGES = 20;

/** Who claims: the event that makes `owner` hold the value is to stand at `revision` of its stream. */
export interface Claimant {
  owner: string;
  revision: number;
  origin: Origin;
}

/**
 * Uniqueness over streams that cannot be locked together (contract, section 5; docs/adr/0003). One reservation stream a
 * value; the last claim on it counts while its owner holds the value, or while the owner's stream still stands below the
 * revision that the claim names. Nothing is ever released, so nothing can stay locked.
 */
export interface Reservations {
  /** The claim on a value that nobody has claimed before. Nothing is read: where somebody has, its append conflicts. */
  firstClaim(value: UniqueValue, by: Claimant): StreamAppend;
  /**
   * The claim that `owner` has to append directly before the event which stands at `revision` and makes it hold `value`; or
   * `taken` when somebody else holds it, `contended` when others kept claiming it without coming to hold it. Waits out, and
   * then fences, somebody else's claim in flight.
   */
  claim<State>(
    aggregate: Aggregate<State>,
    value: UniqueValue,
    by: Claimant,
  ): Promise<StreamAppend | 'taken' | 'contended'>;
  /** The stream of the last to claim the value: who holds it, if anybody does. */
  lastClaimant(value: UniqueValue): Promise<string | null>;
  /** The streams of all that have claimed it, the last one first, each once. */
  claimants(value: UniqueValue): AsyncIterable<string>;
}

export function createReservations({
  store,
  repository,
  key,
  clock,
}: {
  store: EventStore;
  repository: Repository;
  key: KeyObject;
  clock: Clock;
}): Reservations {
  const streamOf = (value: UniqueValue): string => reservationStream(hmacOf(key, value.space, value.value));

  /** `free`: this claim can never come to hold the value any more. `moved`: something has changed, look again. */
  async function challenge<State>(
    aggregate: Aggregate<State>,
    value: UniqueValue,
    last: RecordedEvent,
  ): Promise<'free' | 'held' | 'moved'> {
    const { owner, revision } = bookkeepingData(last, 'ValueClaimed');
    const before = await repository.fresh(aggregate, owner);
    if (holds(aggregate, before, value)) return 'held';
    if (before.revision >= revision) return 'free';

    await clock.wait(CLAIM_GRACE_MS);
    const newest = await lastEventOf(store, last.stream);
    if (newest?.revision !== last.revision) return 'moved';
    const after = await repository.fresh(aggregate, owner);
    if (after.revision !== before.revision) return 'moved';
    return (await fence(last, after)) ? 'free' : 'moved';
  }

  /** Takes the revision that the claim names from its owner, so that the late append must fail. */
  async function fence(claim: RecordedEvent, owner: Loaded<unknown>): Promise<boolean> {
    const { owner: stream, revision } = bookkeepingData(claim, 'ValueClaimed');
    if (owner.revision !== revision - 1) return false;
    const id = derivedUuid('lapse', claim.stream, String(claim.revision), String(revision));
    const event = newEvent(
      id,
      { type: 'ReservationLapsed', data: { reservation: claim.stream } },
      systemOrigin(id),
      notBefore(clock.now(), owner.occurredAt),
    );
    const result = await store.append([{ stream, expected: owner.revision, events: [event] }]);
    return result.outcome === 'appended';
  }

  function claimAfter(
    last: RecordedEvent | null,
    stream: string,
    { owner, revision, origin }: Claimant,
  ): StreamAppend {
    const occurredAt = notBefore(clock.now(), last?.metadata.occurredAt ?? null);
    const event = newEvent(
      randomUUID(),
      { type: 'ValueClaimed', data: { owner, revision } },
      origin,
      occurredAt,
    );
    return { stream, expected: last ? last.revision : NO_REVISION, events: [event] };
  }

  return {
    firstClaim: (value, by) => claimAfter(null, streamOf(value), by),

    async claim(aggregate, value, by) {
      const stream = streamOf(value);
      for (let challenges = 0; challenges < MOST_CHALLENGES; challenges += 1) {
        const last = await lastEventOf(store, stream);
        if (last && bookkeepingData(last, 'ValueClaimed').owner !== by.owner) {
          const found = await challenge(aggregate, value, last);
          if (found === 'held') return 'taken';
          if (found === 'moved') continue;
        }
        return claimAfter(last, stream, by);
      }
      return 'contended';
    },

    async lastClaimant(value) {
      const last = await lastEventOf(store, streamOf(value));
      return last ? bookkeepingData(last, 'ValueClaimed').owner : null;
    },

    async *claimants(value) {
      const stream = streamOf(value);
      const told = new Set<string>();
      let next = (await lastEventOf(store, stream))?.revision ?? NO_REVISION;
      for (; next >= 0; next -= CLAIMS_PAGE) {
        const page = await store.readStream(stream, { from: next, backwards: true, limit: CLAIMS_PAGE });
        for (const claim of page) {
          const { owner } = bookkeepingData(claim, 'ValueClaimed');
          if (!told.has(owner)) yield owner;
          told.add(owner);
        }
      }
    },
  };
}

/** Whether this subject holds the value now. */
export const holds = <State>(
  aggregate: Aggregate<State>,
  { state }: Loaded<State>,
  wanted: UniqueValue,
): boolean =>
  state !== null &&
  aggregate.uniqueValues(state).some(({ space, value }) => space === wanted.space && value === wanted.value);
