import { randomUUID, type KeyObject } from 'node:crypto';
import type { Deadline } from '../../platform/deadline.ts';
import { bookkeepingData } from '../../events/bookkeeping/bookkeeping.ts';
import type { Clock } from '../../events/clock.ts';
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
import { createFloors, type Floors } from '../handling/floors.ts';
import type { Repository } from '../handling/repository.ts';
import { sharedReads } from '../handling/sharedReads.ts';
import { pause, pauseBefore, readUntil, withDeadline } from '../handling/waits.ts';

/** How long a claim in flight may stand still before it is fenced, on the challenger's own clock (contract, section 5). */
export const CLAIM_GRACE_MS = 500;

/** Claims read at a time where all of a value's are wanted. */
const CLAIMS_PAGE = 100;

/** Claims that may get in between before a challenger gives up: only a crowd of instances can reach it. */
const MAX_CHALLENGES = 20;

/** Who claims: the event that makes `owner` hold the value is to stand at `revision` of its stream. */
export interface Claimant {
  owner: string;
  revision: number;
  origin: CommandOrigin;
}

/** What a challenge may take, and what its command knows of the streams that it reads. */
export interface ClaimOptions {
  deadline: Deadline;
  floors: Floors;
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
   * then fences, somebody else's claim in flight. Rejects with EventStoreError at the deadline.
   */
  claim<State>(
    aggregate: Aggregate<State>,
    value: UniqueValue,
    by: Claimant,
    options?: ClaimOptions,
  ): Promise<StreamAppend | 'taken' | 'contended'>;
  /** The stream of the last to claim the value: who holds it, if anybody does. Callers at the same time share a read. */
  lastClaimant(value: UniqueValue, options?: CallOptions): Promise<string | null>;
  /** The streams of all that have claimed it, the last one first, each once. */
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
   * `free`: this claim can never come to hold the value any more. `moved`: something has changed during the grace, look
   * again. `behind`: the store does not show yet what it has named, look again.
   */
  async function challenge<State>(
    aggregate: Aggregate<State>,
    value: UniqueValue,
    last: RecordedEvent,
    { deadline, floors }: ClaimOptions,
  ): Promise<'free' | 'held' | 'moved' | 'behind'> {
    const { owner, revision } = bookkeepingData(last, 'ValueClaimed');
    // A former release may have claimed for a stream that no subject can have.
    if (!subjectOf(owner)) return 'free';
    const before = await readUntil(
      () => repository.fresh(aggregate, owner, { deadline }),
      (found) => found.revision >= floors.of(owner),
      { clock, deadline },
    );
    const isBehind = last.revision < floors.of(last.stream) || before.revision < floors.of(owner);
    if (holds(aggregate, before, value)) return isBehind ? 'behind' : 'held';
    // What an event that cannot be applied, or one behind it, makes of the claim is not known until an operator has skipped it.
    if (before.stuck && before.stuck.revision <= revision && revision <= before.revision) return 'held';
    if (before.revision >= revision) return 'free';

    await pause(CLAIM_GRACE_MS, { clock, deadline });
    const newest = await lastEventOf(store, last.stream, { deadline });
    if (newest?.revision !== last.revision) return 'moved';
    const after = await repository.fresh(aggregate, owner, { deadline });
    if (after.revision !== before.revision || after.revision !== revision - 1) return 'moved';
    return fence(last, after, { deadline, floors });
  }

  /** Takes the revision that the claim names from its owner, so that the late append must fail. */
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
      if (last && bookkeepingData(last, 'ValueClaimed').owner !== by.owner) {
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
      return last ? bookkeepingData(last, 'ValueClaimed').owner : null;
    },

    async *claimants(value, { deadline } = {}) {
      const stream = streamOf(value);
      const told = new Set<string>();
      let next = (await lastEventOf(store, stream, { deadline }))?.revision ?? NO_REVISION;
      for (; next >= 0; next -= CLAIMS_PAGE) {
        const page = await store.readStream(stream, {
          from: next,
          backwards: true,
          limit: CLAIMS_PAGE,
          deadline,
        });
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
