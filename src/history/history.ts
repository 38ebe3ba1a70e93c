import type { KeyObject } from 'node:crypto';
import { setImmediate as nextTick } from 'node:timers/promises';
import type { Clock } from '../platform/clock.ts';
import type { Position } from '../events/eventStore.ts';
import { keyOf } from '../projections/views/history.ts';
import { acknowledgedRevisions } from '../projections/reading/shownRevisions.ts';
import { createViewPosition } from '../projections/following/waitForPosition.ts';
import type { RowPlace, RowReader } from '../projections/ports/rows.ts';
import { decodeCursor, encodeCursor, type Cursor } from './cursor.ts';
import { acceptsJson, keysOf, type HistoryQuery } from './filters.ts';

/** Rows looked at for one page at most, whatever the filters. A page may be short for it, and still have a `next`. */
const MAX_SCAN = 2_000;
/** Of these, so many in one go where each is parsed for `q`: 6 to 19 ms on SQLite, which holds the thread for that long. */
const MAX_PARSED = 200;
/** Entries that an export reads at a time: few enough to be garbage before they are old, and no slower than many. */
const EXPORT_PAGE = 50;

/** Whose history a request may see, and how it said so. */
export interface HistoryScope {
  /** The subject's stream; null for everybody's. */
  subject: string | null;
  /** What tells this walk from others beside its filters: the route, and who or whom it names. Part of the cursor's signature. */
  name: string;
}

/** An entry as JSON, the way it is stored: to be passed on as it is. */
export type EntryJson = string;

export interface HistoryPage {
  entries: EntryJson[];
  next: string | null;
}

/** The history view as it is asked. Rejects with ReadModelError when the read model is out of reach. */
export interface History {
  /**
   * Waits until the view has reached `position`, if one is given, at most as long as configured; false when it has not, or has not
   * caught up since this instance started.
   */
  reaches(position: Position | null): Promise<boolean>;
  /** Records what this instance has acknowledged or shown of a subject from elsewhere. */
  note(stream: string, revision: number, position: Position): void;
  /** Whether the view is known to lack something of this subject (null: of anybody) that was acknowledged or shown. */
  isBehindShown(subject: string | null): Promise<boolean>;
  /** What the question's cursor says; null for one that was not given out for this question. `cursor` must be there. */
  cursorOf(query: HistoryQuery, scopeName: string): Cursor | null;
  /** One page, from the start or behind `cursor`. */
  page(query: HistoryQuery, scope: HistoryScope, cursor: Cursor | null): Promise<HistoryPage>;
  /** Everything that was there at the start, or is left of it behind `cursor`, in pages; `limit` does not matter. */
  pages(query: HistoryQuery, scope: HistoryScope, cursor: Cursor | null): AsyncGenerator<EntryJson[]>;
}

export function createHistory({
  rows,
  key,
  clock,
  longestWaitMs,
  startedAt = null,
  isEventStoreAway = () => false,
}: {
  rows: RowReader;
  key: KeyObject;
  clock: Clock;
  /** READ_YOUR_WRITES_MS */
  longestWaitMs: number;
  /** The end of the log when this instance started; null: it was empty. */
  startedAt?: Position | null;
  /** Whether the event store is known to be away: the view gets no further then. */
  isEventStoreAway?(): boolean;
}): History {
  const ahead = acknowledgedRevisions({ until: startedAt });
  const shownPosition = createViewPosition({
    checkpoint: () => rows.checkpoint(),
    clock,
    onLook: ahead.reached,
  });

  async function find(
    { filters, order }: HistoryQuery,
    { subject }: HistoryScope,
    { upTo, place, limit, scan }: { upTo: Position; place: RowPlace | null; limit: number; scan: number },
  ): Promise<{ entries: EntryJson[]; next: RowPlace | null }> {
    // The route's own subject and the filter's are both asked for: two that differ have nothing in common.
    const own = subject === null ? [] : [keyOf('subject', subject)];
    const keys = [...new Set([...own, ...keysOf(filters)])];
    const accepts = acceptsJson(filters.q);
    const { from, to } = filters;
    const found = await rows.find({
      keys,
      accepts,
      from,
      to,
      upTo,
      after: place,
      order,
      limit,
      scan,
    });
    return { entries: found.rows.map(({ json }) => json), next: found.next };
  }

  /** What the walk may see: what was there when it began, and is there now. Null when nothing is. */
  async function horizon(cursor: Cursor | null): Promise<Position | null> {
    const checkpoint = await rows.checkpoint();
    if (!checkpoint) return null;
    return cursor && cursor.upTo < checkpoint.position ? cursor.upTo : checkpoint.position;
  }

  return {
    async reaches(position) {
      const waitMs = isEventStoreAway() ? 0 : longestWaitMs;
      if (position !== null && !(await shownPosition.reaches(position, waitMs))) return false;
      return startedAt === null || shownPosition.hasReached(startedAt);
    },

    note(stream, revision, position) {
      ahead.note(stream, revision, position);
      if (ahead.crowded()) void shownPosition.look().catch(() => undefined);
    },

    async isBehindShown(subject) {
      await shownPosition.look();
      return ahead.some((stream) => subject === null || stream === subject);
    },

    cursorOf: (query, scopeName) => decodeCursor(key, questionOf(query, scopeName), query.cursor ?? ''),

    async page(query, scope, cursor) {
      const upTo = await horizon(cursor);
      if (upTo === null) return { entries: [], next: null };
      const { limit } = query;
      const entries: EntryJson[] = [];
      let next: RowPlace | null = cursor?.place ?? null;
      const scan = scanOf(query);
      for (let looked = 0; looked < MAX_SCAN && entries.length < limit; looked += scan) {
        if (looked > 0) await nextTick();
        const place = next;
        const found = await find(query, scope, { upTo, place, limit: limit - entries.length, scan });
        entries.push(...found.entries);
        next = found.next;
        if (next === null) break;
      }
      const { subject } = scope;
      const nextCursor =
        next && encodeCursor(key, questionOf(query, scope.name), { upTo, place: next, subject });
      return { entries, next: nextCursor };
    },

    async *pages(query, scope, cursor) {
      const upTo = await horizon(cursor);
      if (upTo === null) return;
      let place = cursor?.place ?? null;
      do {
        const found = await find(query, scope, { upTo, place, limit: EXPORT_PAGE, scan: scanOf(query) });
        yield found.entries;
        place = found.next;
        if (found.entries.length === 0 && place !== null) await nextTick();
      } while (place !== null);
    },
  };
}

const scanOf = ({ filters }: HistoryQuery): number => (filters.q === '' ? MAX_SCAN : MAX_PARSED);

/** Everything that tells one walk from another, but the size of its pages. */
export const questionOf = ({ filters, order }: HistoryQuery, scopeName: string): string =>
  JSON.stringify([scopeName, order, ...keysOf(filters), filters.from, filters.to, filters.q]);
