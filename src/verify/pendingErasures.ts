import { isErasure } from '../events/bookkeeping/erasures.ts';
import { ErasedData } from '../events/codec.ts';
import type { EventStore, Position, RecordedEvent } from '../events/eventStore.ts';
import { subjectOf } from '../events/streams.ts';
import type { Checkpoint } from '../projections/record/viewDeclaration.ts';

/** Events at the end of a stream among which an erasure is: only lapses of reservations can follow it. */
const MAX_AFTER_ERASURE = 10;

/**
 * The erasures that a view has not reached. A person's key is erased right after the decision, so the
 * events are unreadable before the view has redacted their rows. Methods reject with EventStoreError.
 */
export interface PendingErasures {
  /** Remembers the subjects of unreadable events. Call it with the events of the log in order. */
  note(events: readonly RecordedEvent[]): void;
  /** Whether the erasure of a subject is beyond the view's checkpoint. */
  isAfter(reached: Checkpoint | null, subject: string): Promise<boolean>;
  /** Whether that is so for a remembered subject. */
  areAnyAfter(reached: Checkpoint | null): Promise<boolean>;
  /** The position of the subject's erasure; null if there is none. */
  positionOf(subject: string): Promise<Position | null>;
}

export function pendingErasures(store: Pick<EventStore, 'readStream'>): PendingErasures {
  /** Subjects with unreadable events, whose erasures have not been noted yet. */
  const unreadable = new Set<string>();

  async function positionOf(subject: string): Promise<Position | null> {
    if (!subjectOf(subject)) return null;
    const last = await store.readStream(subject, { backwards: true, limit: MAX_AFTER_ERASURE });
    return last.find(isErasure)?.position ?? null;
  }

  async function isAfter(reached: Checkpoint | null, subject: string): Promise<boolean> {
    const position = await positionOf(subject);
    return position !== null && (reached === null || reached.position < position);
  }

  return {
    note(events) {
      for (const event of events) {
        if (isErasure(event)) unreadable.delete(event.stream);
        else if (event.data instanceof ErasedData) unreadable.add(event.stream);
      }
    },
    isAfter,
    async areAnyAfter(reached) {
      for (const subject of unreadable) if (await isAfter(reached, subject)) return true;
      return false;
    },
    positionOf,
  };
}
