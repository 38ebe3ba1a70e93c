import { decodeData, decodeMetadata } from '../../../codec.ts';
import { EventStoreError } from '../../../eventErrors.ts';
import {
  NO_REVISION,
  type EventMark,
  type ReadStreamOptions,
  type RecordedEvent,
} from '../../../eventStore.ts';
import { isOwnStream } from '../../../streams.ts';
import { reasonOf } from '../../../../platform/sqlite/sqliteFailures.ts';
import { FileReplacedError } from './sameFile.ts';
import { FOREIGN_EVENTS, IS_FOREIGN, prepareSchema } from './logSchema.ts';
import { openSqlite, rollBack, type Database, type OpenOptions } from '../../../../platform/sqlite/sqlite.ts';
import { prepareQuery, prepareWithLimit, type Query } from '../../../../platform/sqlite/statements.ts';

/** An event with encoded payloads, ready to be written. */
export interface EncodedEvent {
  id: string;
  type: string;
  data: string;
  metadata: string;
}

/**
 * The events table. Reads are free; inserts happen at the end of a stream, inside a transaction.
 */
export interface EventLog {
  readonly db: Database;
  readonly path: string;
  /** The last revision of a stream; NO_REVISION if it has no events. */
  revisionOf(stream: string): number;
  /** Inserts an event and returns its position. */
  insert(stream: string, revision: number, event: EncodedEvent): number;
  /** The ids and positions from revision `from` on, at most `limit`. */
  idsAt(stream: string, from: number, limit: number): { id: string; position: number }[];
  readStream(stream: string, options: ReadStreamOptions): RecordedEvent[];
  /** Events after a position, as stored; decode only the wanted ones. */
  readRows(after: number, limit: number): EventRow[];
  /**
   * Events after `after`, up to and including `upTo`, of streams whose names start with one of the
   * prefixes.
   */
  readStretch(after: number, upTo: number, prefixes: readonly string[]): EventRow[];
  /** The last position, 0 if the log is empty. Events are only ever added after it. */
  lastPosition(): number;
  idAt(position: number): string | null;
  /** The last event of any stream; null if the log is empty. */
  newest(): EventMark | null;
  /** The position of the last of padron's own events. */
  head(): number | null;
  /** The number of padron's own events after a position. */
  countAfter(position: number): number;
}

export interface EventRow {
  position: number;
  stream: string;
  revision: number;
  id: string;
  type: string;
  data: string;
  metadata: string;
}

const COLUMNS = 'position, stream, revision, id, type, data, metadata';
const eventRow = ([position, stream, revision, id, type, data, metadata]: readonly [
  number,
  string,
  number,
  string,
  string,
  string,
  string,
]): EventRow => ({ position, stream, revision, id, type, data, metadata });

/**
 * For a process that only writes in bulk: a write-ahead log of 128 MB. Checkpoints of 32,000 pages take 4 % of an
 * import's time, those of 8,000 take 7 %, but each blocks its thread for 200 ms, against 60 and a server's 20.
 */
const BULK_CHECKPOINT_PAGES = 32_000;
/** For a thread that writes in bulk beside requests, whose commits wait for the same disk. */
const SHARED_CHECKPOINT_PAGES = 8_000;

/** For a server whose follower makes the checkpoints; its own are the fallback if the follower dies. */
const RARE_CHECKPOINT_PAGES = 10_000;

/** What an events file is opened for. */
export type LogUse =
  | 'serve'
  | 'serve beside a follower'
  | 'write in bulk'
  | 'write in bulk beside a server'
  | 'read through'
  | 'follow';

/** Whether many new streams are written and few are asked for again. */
export const writesInBulk = (use: LogUse): boolean =>
  use === 'write in bulk' || use === 'write in bulk beside a server';

/**
 * Tuning per use. A read from end to end needs no page twice; a follower keeps reading the end of
 * the log.
 */
const TUNING: Record<LogUse, Pick<OpenOptions, 'cacheMiB' | 'checkpointPages'>> = {
  serve: { cacheMiB: 64 },
  'serve beside a follower': { cacheMiB: 64, checkpointPages: RARE_CHECKPOINT_PAGES },
  'write in bulk': { cacheMiB: 64, checkpointPages: BULK_CHECKPOINT_PAGES },
  'write in bulk beside a server': { cacheMiB: 64, checkpointPages: SHARED_CHECKPOINT_PAGES },
  'read through': { cacheMiB: 4 },
  follow: { cacheMiB: 4 },
};

/** Opens or creates the events file. Throws if a newer padron wrote it. */
export function openEventLog(file: string, use: LogUse): EventLog {
  const db = openSqlite(file, { synchronous: 'FULL', ...TUNING[use] }, (opened) => {
    prepareSchema(opened, file);
  });

  const last = db.prepare('SELECT revision FROM events WHERE stream = ? ORDER BY revision DESC LIMIT 1');
  const insert = db.prepare(
    'INSERT INTO events (stream, revision, id, type, data, metadata) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const ids = prepareWithLimit((limit) =>
    prepareQuery(
      db,
      `SELECT id, position FROM events WHERE stream = ? AND revision >= ? ORDER BY revision ${limit}`,
      ([id, position]: readonly [string, number]) => ({ id, position }),
    ),
  );
  const events = (rest: string): Query<EventRow> =>
    prepareQuery(db, `SELECT ${COLUMNS} FROM events WHERE ${rest}`, eventRow);
  const forwards = prepareWithLimit((limit) =>
    events(`stream = ? AND revision >= ? ORDER BY revision ${limit}`),
  );
  const backwards = prepareWithLimit((limit) =>
    events(`stream = ? AND revision <= ? ORDER BY revision DESC ${limit}`),
  );
  const after = prepareWithLimit((limit) => events(`position > ? ORDER BY position ${limit}`));
  const lastPosition = db.prepare('SELECT max(position) AS last FROM events');
  const stretches = new Map<number, Query<EventRow>>();
  const idAt = db.prepare('SELECT id FROM events WHERE position = ?');
  const newest = db.prepare('SELECT position, id FROM events ORDER BY position DESC LIMIT 1');
  const foreignAfter = db.prepare(FOREIGN_AFTER);
  const newestFirst = db.prepare('SELECT position, stream FROM events ORDER BY position DESC');

  return {
    db,
    path: file,
    revisionOf(stream) {
      const row = last.get(stream) as { revision: number } | undefined;
      return row ? row.revision : NO_REVISION;
    },
    insert: (stream, revision, event) =>
      Number(insert.run(stream, revision, event.id, event.type, event.data, event.metadata).lastInsertRowid),
    idsAt: (stream, from, limit) => ids(limit).all(stream, from),
    readStream(stream, { from, backwards: reversed = false, limit }) {
      const rows = reversed
        ? backwards(limit).all(stream, from ?? Number.MAX_SAFE_INTEGER)
        : forwards(limit).all(stream, from ?? 0);
      return rows.map(toRecorded);
    },
    readStretch(from, upTo, prefixes) {
      const stretch = stretches.get(prefixes.length) ?? events(stretchOf(prefixes.length));
      stretches.set(prefixes.length, stretch);
      const ranges = prefixes.flatMap((prefix) => [prefix, endOfPrefix(prefix)]);
      return stretch.all(from, upTo, ...ranges);
    },
    lastPosition: () => (lastPosition.get() as { last: number | null }).last ?? 0,
    readRows: (position, limit) => after(limit).all(position),
    idAt(position) {
      const row = idAt.get(position) as { id: string } | undefined;
      return row?.id ?? null;
    },
    newest() {
      const row = newest.get() as { position: number; id: string } | undefined;
      return row ? { position: BigInt(row.position), id: row.id } : null;
    },
    head() {
      for (const row of newestFirst.iterate() as Iterable<Pick<EventRow, 'position' | 'stream'>>) {
        if (isOwnStream(row.stream)) return row.position;
      }
      return null;
    },
    countAfter(position) {
      // Positions have no gaps, because a rolled-back number is reused. So the difference is the
      // count, at the same cost for any number, and only foreign events need counting.
      const last = (lastPosition.get() as { last: number | null }).last ?? 0;
      if (last <= position) return 0;
      return last - position - (foreignAfter.get({ position }) as { count: number }).count;
    },
  };
}

/** A prefix is a range of names, but `+` keeps SQLite walking the index of positions. */
const stretchOf = (prefixes: number): string =>
  `position > ? AND position <= ?
   AND (${Array.from({ length: prefixes }, () => '(+stream >= ? AND +stream < ?)').join(' OR ')}) ORDER BY position`;

/** The first name after all names with this prefix. */
const endOfPrefix = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

const FOREIGN_AFTER = `SELECT count(*) AS count FROM events INDEXED BY ${FOREIGN_EVENTS} WHERE ${IS_FOREIGN} AND position > :position`;

/** A row as the port's event. */
export const toRecorded = (row: EventRow): RecordedEvent => ({
  stream: row.stream,
  revision: row.revision,
  position: BigInt(row.position),
  id: row.id,
  type: row.type,
  data: decodeData(row.data),
  metadata: decodeMetadata(row.metadata),
});

/** The EventStoreError of a failed call, with SQLite's reason. */
export function failure(
  what: string,
  { path }: Pick<EventLog, 'path'>,
  outcomeUnknown: boolean,
  cause: unknown,
): EventStoreError {
  const reason = cause instanceof FileReplacedError ? cause.message : reasonOf(path, cause);
  return new EventStoreError(`${what}: ${reason}`, { outcomeUnknown, cause });
}

/**
 * Runs a read of the log and converts its errors to EventStoreError. Rolls back first, so that a
 * failed transaction's data is never shown.
 */
export function reading<T>(log: Pick<EventLog, 'db' | 'path'>, read: () => T): T {
  try {
    rollBack(log.db);
    return read();
  } catch (cause) {
    if (cause instanceof EventStoreError) throw cause;
    throw failure('the event log could not be read', log, false, cause);
  }
}
