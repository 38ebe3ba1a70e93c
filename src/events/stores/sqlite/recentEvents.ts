import type { RecordedEvent } from '../../eventStore.ts';

/** How many events are kept for subscribers that follow closely. */
const KEPT = 4_096;

export interface RecentEvents {
  /** Takes what has just been committed or read, in the order of the log. */
  add(events: readonly RecordedEvent[]): void;
  /** The events directly after a position, null when they have to be read from the file. */
  after(position: bigint): readonly RecordedEvent[] | null;
  /** To be called when the log has grown by what was not added: else the end of what is kept would pass for the log's. */
  forget(): void;
}

/**
 * The newest events that this process wrote or read, so that a live subscriber need not read and parse them again.
 * Holds a stretch of the log without gaps: where another process has written in between, it starts anew.
 */
export function recentEvents(): RecentEvents {
  let kept: RecordedEvent[] = [];

  return {
    add(events) {
      for (const event of events) {
        const last = kept.at(-1);
        if (last && event.position <= last.position) continue;
        if (last && event.position !== last.position + 1n) kept = [];
        kept.push(event);
      }
      if (kept.length > 2 * KEPT) kept = kept.slice(-KEPT);
    },
    after(position) {
      const first = kept[0];
      const last = kept.at(-1);
      if (!first || !last || position < first.position - 1n || position >= last.position) return null;
      return kept.slice(Number(position - first.position) + 1);
    },
    forget() {
      kept = [];
    },
  };
}
