import { randomUUID } from 'node:crypto';
import { pauseBefore, withDeadline, type Waits } from '../commands/loading/waits.ts';
import type { KnownErasures, ListedErasure } from '../events/bookkeeping/erasures.ts';
import type { CallOptions, EventStore, Position, RecordedEvent } from '../events/eventStore.ts';
import { newEvent, systemOrigin } from '../events/newEvent.ts';
import { ERASURES_STREAM } from '../events/streams.ts';
import type { EntryOnRoll } from '../events/types.ts';
import type { Clock } from '../platform/clock.ts';

/**
 * The subject's entries on all named rolls fixed so far, recorded so that the rolls stay provable.
 * `events`: its whole stream, read while its key was there. `fixedBefore`: only rolls fixed before this.
 */
export type EntriesOnRolls = (
  subject: string,
  events: readonly RecordedEvent[],
  options: CallOptions & { fixedBefore?: Position },
) => Promise<EntryOnRoll[]>;

/** A subject's entries on rolls that are fixed between the reading of its entries and its erasure. */
export interface LateEntries {
  /**
   * Keeps a subject's events until its erasure is announced with every entry, because this process may
   * drop the subject's key as soon as the erasure is decided.
   */
  keep(subject: string, events: readonly RecordedEvent[]): void;
  /** Forgets them, because nothing was decided. */
  forget(subject: string): void;
  /**
   * Announces a decided erasure again if there are such entries and this process has kept the events.
   * Rejects with EventStoreError, also if other writers are always first; a repeat tries again.
   */
  announce(erasure: ListedErasure, decision: RecordedEvent, options?: CallOptions): Promise<void>;
}

export function createLateEntries({
  store,
  known,
  clock,
  entriesOnRolls,
}: {
  store: Pick<EventStore, 'append'>;
  /** The erasures of this store. */
  known: KnownErasures;
  clock: Clock;
  entriesOnRolls: EntriesOnRolls;
}): LateEntries {
  const kept = new Map<string, readonly RecordedEvent[]>();

  async function announceBefore(
    erasure: ListedErasure,
    { events, fixedBefore }: { events: readonly RecordedEvent[]; fixedBefore: Position },
    { deadline }: Pick<Waits, 'deadline'>,
  ): Promise<void> {
    const rolls = await entriesOnRolls(erasure.subject, events, { fixedBefore, deadline });
    for (let attempt = 0; ; attempt += 1) {
      if (attempt > 0) await pauseBefore(attempt, { clock, deadline });
      const { listed, revision } = await known.refresh({ deadline });
      const own = listed.find((one) => isSame(one, erasure)) ?? erasure;
      if (own.rolls.length >= rolls.length) return;
      const append = { stream: ERASURES_STREAM, expected: revision, events: [announcementOf(own, rolls)] };
      if ((await store.append([append], { deadline })).outcome === 'appended') return;
    }
  }

  return {
    keep: (subject, events) => void kept.set(subject, events),
    forget: (subject) => void kept.delete(subject),
    async announce(erasure, decision, options = {}) {
      const events = kept.get(erasure.subject);
      // With an event in between, another request has decided on a later state.
      if (events?.at(-1)?.revision === decision.revision - 1)
        await withDeadline(options.deadline, (deadline) =>
          announceBefore(erasure, { events, fixedBefore: decision.position }, { deadline }),
        );
      kept.delete(erasure.subject);
    },
  };
}

const isSame = (one: ListedErasure, other: ListedErasure): boolean =>
  one.id === other.id && one.subject === other.subject && one.revision === other.revision;

/** The announcement of a decided erasure with other entries; everything else, and the instant, stays. */
function announcementOf(
  { id: erasure, subject, revision, key, reason, by, at }: ListedErasure,
  rolls: EntryOnRoll[],
): ReturnType<typeof newEvent> {
  const eventId = randomUUID();
  const data = { erasure, subject, revision, key, reason, by, rolls };
  return newEvent(eventId, { type: 'ErasureBegun', data }, systemOrigin(eventId), at);
}
