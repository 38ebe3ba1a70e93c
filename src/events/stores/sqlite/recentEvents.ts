import type { RecordedEvent } from '../../eventStore.ts';

/** How many events are kept for subscribers that follow closely. */
const KEPT = 4_096;

export interface RecentEvents {
  /** Takes what has just been committed: behind it there is nothing. */
  add(events: readonly RecordedEvent[]): void;
  /** Takes what was read behind `position`; `isAll`: there was no more. */
  addRead(position: bigint, events: readonly RecordedEvent[], isAll: boolean): void;
  /** What is kept behind a position, `limit` at most, and whether the log ends with what is kept; null where all has to be read from the file. */
  after(position: bigint, limit: number): { events: RecordedEvent[]; isWhole: boolean } | null;
  /** To be called when another has added to the log. */
  grown(): void;
  /** Lets go of everything. */
  forget(): void;
}

/**
 * The newest events that this process wrote or read, so that a live subscriber need not read and parse them again.
 * Holds a stretch of the log without gaps: where some are missing in between, it starts anew.
 */
export function recentEvents(): RecentEvents {
  let kept: RecordedEvent[] = [];
  let isWhole = false;

  function keep(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      const last = kept.at(-1);
      if (last && event.position <= last.position) continue;
      if (last && event.position !== last.position + 1n) kept = [];
      kept.push(event);
    }
    if (kept.length > 2 * KEPT) kept = kept.slice(-KEPT);
  }

  return {
    add(events) {
      keep(events);
      isWhole = true;
    },
    addRead(position, events, isAll) {
      keep(events);
      // Older than what is kept, it tells nothing of the end.
      if ((events.at(-1)?.position ?? position) === kept.at(-1)?.position) isWhole = isAll;
    },
    after(position, limit) {
      const first = kept[0];
      const last = kept.at(-1);
      if (!first || !last || position < first.position - 1n || position > last.position) return null;
      const from = Number(position - first.position) + 1;
      return { events: kept.slice(from, from + limit), isWhole };
    },
    grown() {
      isWhole = false;
    },
    forget() {
      kept = [];
    },
  };
}
