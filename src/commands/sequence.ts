import { randomUUID } from 'node:crypto';
import { lastEventOf, NO_REVISION, type EventStore } from '../events/eventStore.ts';
import type { Clock } from '../events/clock.ts';
import { newEvent, notBefore, systemOrigin } from '../events/newEvent.ts';
import { sequenceStream, type SubjectKind } from '../events/streams.ts';
import { bookkeepingData } from '../events/bookkeeping.ts';

/** Ids of new subjects. Gaps are fine, repeats are not: an id is given out by an append at an expected revision. */
export interface Sequence {
  /** The next id. Concurrent callers share one append. */
  next(kind: SubjectKind): Promise<number>;
  /** Moves the sequence so that ids up to `id` are never given out. */
  reach(kind: SubjectKind, id: number): Promise<void>;
}

interface Taker {
  resolve(id: number): void;
  reject(error: unknown): void;
}

export function createSequence({ store, clock }: { store: EventStore; clock: Clock }): Sequence {
  const waiting: Record<SubjectKind, Taker[]> = { persona: [], user: [] };
  const busy: Record<SubjectKind, boolean> = { persona: false, user: false };

  async function append(kind: SubjectKind, idsAfter: (last: number) => number[]): Promise<number[]> {
    const stream = sequenceStream(kind);
    for (;;) {
      const last = await lastEventOf(store, stream);
      const ids = idsAfter(last ? bookkeepingData(last, 'IdAllocated').id : 0);
      if (ids.length === 0) return ids;
      const origin = systemOrigin(randomUUID());
      const occurredAt = notBefore(clock.now(), last?.metadata.occurredAt ?? null);
      const events = ids.map((id) =>
        newEvent(randomUUID(), { type: 'IdAllocated', data: { id } }, origin, occurredAt),
      );
      const expected = last ? last.revision : NO_REVISION;
      const result = await store.append([{ stream, expected, events }]);
      if (result.outcome === 'appended') return ids;
    }
  }

  async function serve(kind: SubjectKind): Promise<void> {
    busy[kind] = true;
    while (waiting[kind].length > 0) {
      const takers = waiting[kind];
      waiting[kind] = [];
      try {
        const ids = await append(kind, (last) => takers.map((_, index) => last + 1 + index));
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
    next: (kind) =>
      new Promise((resolve, reject) => {
        waiting[kind].push({ resolve, reject });
        if (!busy[kind]) void serve(kind);
      }),
    async reach(kind, id) {
      await append(kind, (last) => (last >= id ? [] : [id]));
    },
  };
}
