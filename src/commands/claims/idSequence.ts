import { randomUUID } from 'node:crypto';
import { latestOf, type Deadline } from '../../platform/deadline.ts';
import { bookkeepingData } from '../../events/bookkeeping/bookkeeping.ts';
import type { Clock } from '../../platform/clock.ts';
import { EventStoreError } from '../../events/eventErrors.ts';
import { lastEventOf, NO_REVISION, type EventStore, type RecordedEvent } from '../../events/eventStore.ts';
import { newEvent, notBefore, systemOrigin } from '../../events/newEvent.ts';
import { sequenceStream, type SubjectKind } from '../../events/streams.ts';
import { pauseBefore, readUntil, withDeadline } from '../loading/waits.ts';

/**
 * The largest id that an import may bring: far below 2^53, so that later ids are exact numbers too.
 */
export const MAX_IMPORTED_ID = 999_999_999_999;

/** Ids allocated by one append: about 300 KB of events; EventStoreDB's limit is 1 MiB. */
const MAX_GROUP = 500;
/** Attempts that may lose to other writers. */
const MAX_ATTEMPTS = 40;

/**
 * Allocates ids of new subjects. Ids may have gaps but never repeat: each is allocated by an append
 * at an expected revision.
 */
export interface IdSequence {
  /**
   * The next id. Concurrent callers share one append. Rejects with EventStoreError at the deadline
   * or when other writers won every attempt, with RangeError when no id is left.
   */
  next(kind: SubjectKind, deadline?: Deadline): Promise<number>;
  /** Advances the sequence so that ids up to `id` are never allocated. Errors as for `next`. */
  reach(kind: SubjectKind, id: number, deadline?: Deadline): Promise<void>;
  /** The last id that was allocated or reached; 0 if there is none. Rejects with EventStoreError. */
  last(kind: SubjectKind, deadline?: Deadline): Promise<number>;
}

interface Taker {
  deadline: Deadline;
  resolve(id: number): void;
  reject(error: unknown): void;
}

export function createIdSequence({ store, clock }: { store: EventStore; clock: Clock }): IdSequence {
  const waiting: Record<SubjectKind, Taker[]> = { persona: [], user: [] };
  const busy: Record<SubjectKind, boolean> = { persona: false, user: false };

  async function append(
    kind: SubjectKind,
    idsAfter: (last: number) => number[],
    deadline: Deadline,
  ): Promise<number[]> {
    const stream = sequenceStream(kind);
    let floor = NO_REVISION;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (attempt > 0) await pauseBefore(attempt, { clock, deadline });
      const last = await readUntil(
        () => lastEventOf(store, stream, { deadline }),
        (found) => (found?.revision ?? NO_REVISION) >= floor,
        { clock, deadline },
      );
      const ids = idsAfter(idOf(last));
      if (ids.length === 0) return ids;
      if (!ids.every(Number.isSafeInteger)) {
        throw new RangeError(`${stream} has no id left below 2^53: an id far too large was imported`);
      }
      const origin = systemOrigin(randomUUID());
      const occurredAt = notBefore(clock.now(), last?.metadata.occurredAt ?? null);
      const events = ids.map((id) =>
        newEvent(randomUUID(), { type: 'IdAllocated', data: { id } }, origin, occurredAt),
      );
      const expected = last ? last.revision : NO_REVISION;
      const result = await store.append([{ stream, expected, events }], { deadline });
      if (result.outcome === 'appended') return ids;
      floor = result.actual;
    }
    throw new EventStoreError(`other writers won every attempt at ${stream}`, { outcomeUnknown: false });
  }

  async function serve(kind: SubjectKind): Promise<void> {
    busy[kind] = true;
    while (waiting[kind].length > 0) {
      const takers = waiting[kind].splice(0, MAX_GROUP);
      try {
        const ids = await append(
          kind,
          (last) => takers.map((_, index) => last + 1 + index),
          latestOf(takers.map(({ deadline }) => deadline)),
        );
        takers.forEach(({ resolve }, index) => {
          resolve(ids[index] as number);
        });
      } catch (error) {
        for (const { reject } of takers) reject(error);
      }
    }
    busy[kind] = false;
  }

  return {
    next: (kind, given) =>
      withDeadline(
        given,
        (deadline) =>
          new Promise((resolve, reject) => {
            waiting[kind].push({ deadline, resolve, reject });
            if (!busy[kind]) void serve(kind);
          }),
      ),
    async reach(kind, id, given) {
      await withDeadline(given, (deadline) => append(kind, (last) => (last >= id ? [] : [id]), deadline));
    },
    last: (kind, given) =>
      withDeadline(given, async (deadline) =>
        idOf(await lastEventOf(store, sequenceStream(kind), { deadline })),
      ),
  };
}

const idOf = (last: RecordedEvent | null): number => (last ? bookkeepingData(last, 'IdAllocated').id : 0);
