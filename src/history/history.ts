import type { KeyObject } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import { heavyTurns } from '../platform/concurrency/heavyTurns.ts';
import type { Position } from '../events/eventStore.ts';
import { keyOf } from '../projections/views/history.ts';
import { acknowledgedRevisions } from '../projections/reading/acknowledgedRevisions.ts';
import { createViewPosition } from '../projections/following/viewPosition.ts';
import type { RowPlace, RowReader } from '../projections/ports/rows.ts';
import { decodeCursor, encodeCursor, type Cursor } from './cursor.ts';
import { acceptsJson, keysOf, type HistoryQuery } from './filters.ts';

/**
 * Most rows examined per page, whatever the filters. A page may be short and still have a `next`.
 */
const MAX_SCAN = 2_000;
/** Rows per step: SQLite blocks the thread for 1,000 rows up to 25 ms, with two filters. */
const MAX_STEP = 250;
/** Rows per step if each is parsed for `q`: 6 to 19 ms on SQLite. */
const MAX_PARSED = 200;
/**
 * Entries per read of an export: few enough to be collected while young, and no slower than more.
 */
const EXPORT_PAGE = 50;
/**
 * Before every row. A view that is not built has no checkpoint either: its rows are asked for all the
 * same, which rejects, so that it does not look empty.
 */
const NOTHING_APPLIED: Position = -1n;

/** The history that a request may see. */
export interface HistoryScope {
  /** The subject's stream; null for all. */
  subject: string | null;
  /**
   * Identifies the walk besides its filters: the route and the subject it names. Part of the
   * cursor's signature.
   */
  name: string;
}

/** An entry as JSON text as stored, passed on unchanged. */
export type EntryJson = string;

export interface HistoryPage {
  entries: EntryJson[];
  next: string | null;
}

/** Queries of the history view. Rejects with ReadModelError if the read model is unreachable. */
export interface History {
  /**
   * Waits until the view has reached `position`, if given, for at most the configured time; false
   * if it has not, or has not caught up since this instance started.
   */
  reaches(position: Position | null): Promise<boolean>;
  /** Records what this instance has acknowledged or shown of a subject from elsewhere. */
  note(stream: string, revision: number, position: Position): void;
  /**
   * Whether the view is known to lack something of this subject (null: of any) that was
   * acknowledged or shown.
   */
  isBehindShown(subject: string | null): Promise<boolean>;
  /**
   * The contents of the query's cursor, which must be present; null if it was not issued for this
   * query.
   */
  cursorOf(query: HistoryQuery, scopeName: string): Cursor | null;
  /** One page, from the start or after `cursor`. */
  page(query: HistoryQuery, scope: HistoryScope, cursor: Cursor | null): Promise<HistoryPage>;
  /** All entries as of the start, or the rest after `cursor`, in pages; ignores `limit`. */
  pages(query: HistoryQuery, scope: HistoryScope, cursor: Cursor | null): AsyncGenerator<EntryJson[]>;
}

export function createHistory({
  rows,
  key,
  clock,
  maxWaitMs,
  startedAt = null,
  isEventStoreAway = () => false,
}: {
  rows: RowReader;
  key: KeyObject;
  clock: Clock;
  /** READ_YOUR_WRITES_MS */
  maxWaitMs: number;
  /** The head of the log when this instance started; null: it was empty. */
  startedAt?: Position | null;
  /** Whether the event store is known to be unreachable: the view makes no progress then. */
  isEventStoreAway?(): boolean;
}): History {
  const ahead = acknowledgedRevisions({ until: startedAt });
  const shownPosition = createViewPosition({
    checkpoint: () => rows.checkpoint(),
    clock,
    onLook: ahead.forgetUpTo,
  });

  async function find(
    { filters, order }: HistoryQuery,
    { subject }: HistoryScope,
    { upTo, place, limit, scan }: { upTo: Position; place: RowPlace | null; limit: number; scan: number },
  ): Promise<{ entries: EntryJson[]; next: RowPlace | null }> {
    // Both the route's subject and the filter's apply: two different ones match nothing.
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

  /** The position up to which the walk reads: as of its beginning, and applied by now. */
  async function horizon(cursor: Cursor | null): Promise<Position> {
    const reached = (await rows.checkpoint())?.position ?? NOTHING_APPLIED;
    return cursor && cursor.upTo < reached ? cursor.upTo : reached;
  }

  return {
    async reaches(position) {
      const waitMs = isEventStoreAway() ? 0 : maxWaitMs;
      if (position !== null && !(await shownPosition.reaches(position, waitMs))) return false;
      return startedAt === null || shownPosition.hasReached(startedAt);
    },

    note(stream, revision, position) {
      ahead.remember(stream, revision, position);
      if (ahead.isFull()) void shownPosition.look().catch(() => undefined);
    },

    async isBehindShown(subject) {
      await shownPosition.look();
      return ahead.some((stream) => subject === null || stream === subject);
    },

    cursorOf: (query, scopeName) => decodeCursor(key, questionOf(query, scopeName), query.cursor ?? ''),

    async page(query, scope, cursor) {
      const upTo = await horizon(cursor);
      const { limit } = query;
      const entries: EntryJson[] = [];
      let next: RowPlace | null = cursor?.place ?? null;
      const scan = scanOf(query);
      for (let looked = 0; looked < MAX_SCAN && entries.length < limit; looked += scan) {
        if (looked > 0 || limit > scan || query.filters.q !== '') await heavyTurns.next();
        const place = next;
        const left = limit - entries.length;
        const found = await find(query, scope, { upTo, place, limit: Math.min(left, scan), scan });
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
      let place = cursor?.place ?? null;
      do {
        await heavyTurns.next();
        const found = await find(query, scope, { upTo, place, limit: EXPORT_PAGE, scan: scanOf(query) });
        yield found.entries;
        place = found.next;
      } while (place !== null);
    },
  };
}

const scanOf = ({ filters }: HistoryQuery): number => (filters.q === '' ? MAX_STEP : MAX_PARSED);

/** Everything that identifies a walk, except its page size. */
export const questionOf = ({ filters, order }: HistoryQuery, scopeName: string): string =>
  JSON.stringify([scopeName, order, ...keysOf(filters), filters.from, filters.to, filters.q]);
