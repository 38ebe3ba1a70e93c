import { randomUUID, type KeyObject } from 'node:crypto';
import type { Deadline } from '../../platform/deadline.ts';
import { ErasedData } from '../../events/codec.ts';
import type { ValueClaimed } from '../../events/types.ts';
import { bookkeepingData } from '../../events/bookkeeping/bookkeeping.ts';
import type { Clock } from '../../platform/clock.ts';
import {
  lastEventOf,
  NO_REVISION,
  type CallOptions,
  type EventStore,
  type RecordedEvent,
  type StreamAppend,
} from '../../events/eventStore.ts';
import { derivedUuid, hmacOf } from '../../events/identifiers.ts';
import { newEvent, notBefore, systemOrigin, type CommandOrigin } from '../../events/newEvent.ts';
import { reservationStream, subjectOf } from '../../events/streams.ts';
import type { Aggregate, Loaded, UniqueValue } from '../../domain/aggregate.ts';
import { createFloors, type Floors } from '../loading/floors.ts';
import type { Repository } from '../loading/repository.ts';
import { sharedReads } from '../loading/sharedReads.ts';
import { pause, pauseBefore, readUntil, withDeadline } from '../loading/waits.ts';

/**
 * How long a claim in flight may make no progress before it is fenced, on the challenger's clock.
 */
export const CLAIM_GRACE_MS = 500;

/** Claims per page when all of a value's claims are read. */
const CLAIMS_PAGE = 100;

/** Competing claims before a challenger gives up: only many busy instances can reach it. */
const MAX_CHALLENGES = 20;

/** The claiming side: `owner` will hold the value with its event at `revision`. */
export interface Claimant {
  owner: string;
  revision: number;
  origin: CommandOrigin;
}

/** A challenge's deadline, and the revisions that its command knows of. */
export interface ClaimOptions {
  deadline: Deadline;
  floors: Floors;
}

/**
 * Uniqueness across streams that cannot be locked together (docs/adr/0003). Each value has one
 * reservation stream. Its last claim counts while the owner holds the value, or while the owner's
 * stream is below the revision that the claim names. Nothing is ever released, so nothing can stay
 * locked.
 */
export interface Reservations {
  /**
   * The claim on a value assumed never to have been claimed. Reads nothing: if the assumption is
   * wrong, the append conflicts.
   */
  firstClaim(value: UniqueValue, by: Claimant): StreamAppend;
  /**
   * The claim to append directly before the event at `revision` that makes `owner` hold `value`.
   * `taken` if another subject holds it; `contended` if others kept claiming it without holding it.
   * Waits for another subject's claim in flight and then fences it. Rejects with EventStoreError at
   * the deadline.
   */
  claim<State>(
    aggregate: Aggregate<State>,
    value: UniqueValue,
    by: Claimant,
    options?: ClaimOptions,
  ): Promise<StreamAppend | 'taken' | 'contended'>;
  /**
   * The stream that claimed the value last: the holder, if there is one. Concurrent callers share a
   * read.
   */
  lastClaimant(value: UniqueValue, options?: CallOptions): Promise<string | null>;
  /** The key id of the subject that claimed the value last, if it was erased; else null. */
  lastErasedKey(value: UniqueValue, options?: CallOptions): Promise<string | null>;
  /** All streams that have claimed the value, latest first, without repeats. */
  claimants(value: UniqueValue, options?: CallOptions): AsyncIterable<string>;
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
  const reads = sharedReads<RecordedEvent | null>();
  const streamOf = (value: UniqueValue): string => reservationStream(hmacOf(key, value.space, value.value));

  /**
   * `free`: this claim can no longer lead to holding the value. `moved`: something changed during
   * the grace period, so check again. `behind`: reads lag behind a known revision, so check again.
   */
  async function challenge<State>(
    aggregate: Aggregate<State>,
    value: UniqueValue,
    last: RecordedEvent,
    { deadline, floors }: ClaimOptions,
  ): Promise<'free' | 'held' | 'moved' | 'behind'> {
    const claim = claimIn(last);
    // The owner was erased: the end of its stream blocks whatever it was about to append.
    if (claim === null) return 'free';
    const { owner, revision } = claim;
    // An earlier release may have claimed for a stream that cannot be a subject's.
    if (!subjectOf(owner)) return 'free';
    const before = await readUntil(
      () => repository.fresh(aggregate, owner, { deadline }),
      (found) => found.revision >= floors.of(owner),
      { clock, deadline },
    );
    const isBehind = last.revision < floors.of(last.stream) || before.revision < floors.of(owner);
    if (holds(aggregate, before, value)) return isBehind ? 'behind' : 'held';
    // What an unappliable event makes of the claim is unknown until an operator skips it.
    if (before.stuck && before.stuck.revision <= revision && revision <= before.revision) return 'held';
    if (before.revision >= revision) return 'free';

    await pause(CLAIM_GRACE_MS, { clock, deadline });
    const newest = await lastEventOf(store, last.stream, { deadline });
    if (newest?.revision !== last.revision) return 'moved';
    const after = await repository.fresh(aggregate, owner, { deadline });
    if (after.revision !== before.revision || after.revision !== revision - 1) return 'moved';
    return fence(last, after, { deadline, floors });
  }

  /** Takes the revision that the claim names, so that the owner's late append fails. */
  async function fence(
    claim: RecordedEvent,
    owner: Loaded<unknown>,
    { deadline, floors }: ClaimOptions,
  ): Promise<'free' | 'moved'> {
    const { owner: stream, revision } = bookkeepingData(claim, 'ValueClaimed');
    const id = derivedUuid('lapse', claim.stream, String(claim.revision), String(revision));
    const event = newEvent(
      id,
      { type: 'ReservationLapsed', data: { reservation: claim.stream } },
      systemOrigin(id),
      notBefore(clock.now(), owner.occurredAt),
    );
    const result = await store.append([{ stream, expected: owner.revision, events: [event] }], { deadline });
    if (result.outcome === 'appended') return 'free';
    floors.raise(stream, result.actual);
    return 'moved';
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

  async function claim<State>(
    aggregate: Aggregate<State>,
    value: UniqueValue,
    by: Claimant,
    options: ClaimOptions,
  ): Promise<StreamAppend | 'taken' | 'contended'> {
    const { deadline, floors } = options;
    const stream = streamOf(value);
    for (let challenges = 0; challenges < MAX_CHALLENGES; challenges += 1) {
      const last = await readUntil(
        () => lastEventOf(store, stream, { deadline }),
        (found) => (found?.revision ?? NO_REVISION) >= floors.of(stream),
        { clock, deadline },
      );
      if (last && claimIn(last)?.owner !== by.owner) {
        const found = await challenge(aggregate, value, last, options);
        if (found === 'held') return 'taken';
        if (found === 'behind') await pauseBefore(challenges + 1, { clock, deadline });
        if (found !== 'free') continue;
      }
      return claimAfter(last, stream, by);
    }
    return 'contended';
  }

  return {
    firstClaim: (value, by) => claimAfter(null, streamOf(value), by),

    claim: (aggregate, value, by, given) =>
      withDeadline(given?.deadline, (deadline) =>
        claim(aggregate, value, by, { deadline, floors: given?.floors ?? createFloors() }),
      ),

    async lastClaimant(value, { deadline } = {}) {
      const stream = streamOf(value);
      const last = await reads.read(
        stream,
        (longest) => lastEventOf(store, stream, { deadline: longest }),
        deadline,
      );
      return last && (claimIn(last)?.owner ?? null);
    },

    async lastErasedKey(value, { deadline } = {}) {
      const last = await lastEventOf(store, streamOf(value), { deadline });
      return last?.data instanceof ErasedData ? last.data.keyId : null;
    },

    async *claimants(value, { deadline } = {}) {
      const stream = streamOf(value);
      const named = new Set<string>();
      let next = (await lastEventOf(store, stream, { deadline }))?.revision ?? NO_REVISION;
      for (; next >= 0; next -= CLAIMS_PAGE) {
        const page = await store.readStream(stream, {
          from: next,
          backwards: true,
          limit: CLAIMS_PAGE,
          deadline,
        });
        for (const claim of page) {
          const owner = claimIn(claim)?.owner;
          if (owner === undefined) continue;
          if (!named.has(owner)) yield owner;
          named.add(owner);
        }
      }
    },
  };
}

/** The content of a claim; null if its owner was erased. */
const claimIn = (recorded: RecordedEvent): ValueClaimed['data'] | null =>
  recorded.data instanceof ErasedData ? null : bookkeepingData(recorded, 'ValueClaimed');

/** Whether this subject currently holds the value. */
export const holds = <State>(
  aggregate: Aggregate<State>,
  { state }: Loaded<State>,
  wanted: UniqueValue,
): boolean =>
  state !== null &&
  aggregate.uniqueValues(state).some(({ space, value }) => space === wanted.space && value === wanted.value);
