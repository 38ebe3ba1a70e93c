import type { RecordedEvent } from '../../../eventStore.ts';

/** Events cached for subscribers that follow closely. */
const MIN_CACHED = 4_096;

export interface RecentEvents {
  /** Adds events that were just committed at the end of the log. */
  add(events: readonly RecordedEvent[]): void;
  /** Adds events that were read after `position`; `isAll`: there were no more. */
  addRead(position: bigint, events: readonly RecordedEvent[], isAll: boolean): void;
  /**
   * The cached events after a position, up to `limit`, and whether they reach the end of the log;
   * null if the file must be read.
   */
  after(position: bigint, limit: number): { events: RecordedEvent[]; isWhole: boolean } | null;
  /** Call when another connection has added to the log. */
  grown(): void;
  /** Drops everything. */
  forget(): void;
}

/**
 * The newest events that this process wrote or read, so that live subscribers need not read and
 * parse them again. A range of the log without gaps: if events are missing in between, it starts
 * again.
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
    if (kept.length > 2 * MIN_CACHED) kept = kept.slice(-MIN_CACHED);
  }

  return {
    add(events) {
      keep(events);
      isWhole = true;
    },
    addRead(position, events, isAll) {
      keep(events);
      // An older range says nothing about the end of the log.
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
