import { decodeData, decodeMetadata } from '../../codec.ts';
import {
  EventStoreError,
  NO_REVISION,
  type EventMark,
  type ReadStreamOptions,
  type RecordedEvent,
} from '../../eventStore.ts';
import { isOwnStream } from '../../streams.ts';
import { reasonOf } from '../../../platform/sqlite/sqliteFailures.ts';
import { FileReplacedError } from './logFile.ts';
import { IS_FOREIGN, prepareSchema } from './logSchema.ts';
import {
  openSqlite,
  prepareQuery,
  prepareWithLimit,
  rollBack,
  type Database,
  type OpenOptions,
  type Query,
} from '../../../platform/sqlite/sqlite.ts';

/** An event with its payloads encoded, ready to be written. */
export interface EncodedEvent {
  id: string;
  type: string;
  data: string;
  metadata: string;
}

/** The table of events: what is there can be read, and added to at the end of a stream inside a transaction. */
export interface EventLog {
  readonly db: Database;
  readonly path: string;
  /** The revision that a stream stands at, NO_REVISION for one without events. */
  revisionOf(stream: string): number;
  /** Adds an event, answers its position. */
  insert(stream: string, revision: number, event: EncodedEvent): number;
  /** The ids and positions at the revisions from `from` on, at most `limit`. */
  idsAt(stream: string, from: number, limit: number): { id: string; position: number }[];
  readStream(stream: string, options: ReadStreamOptions): RecordedEvent[];
  /** Events after a position, as stored; decode those that are wanted. */
  readRows(after: number, limit: number): EventRow[];
  /** Events behind `after` up to and with `upTo`, of streams whose names start with one of the prefixes. */
  readStretch(after: number, upTo: number, prefixes: readonly string[]): EventRow[];
  /** Where the log ends, 0 when it is empty. Nothing is ever added before that. */
  lastPosition(): number;
  idAt(position: number): string | null;
  /** The last event of all, of whoever's; null when the log is empty. */
  newest(): EventMark | null;
  /** The position of the last event of padron's own. */
  head(): number | null;
  /** How many events of padron's own stand after a position. */
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
 * What suits a process that only writes, in bulk: fewer and larger checkpoints take a tenth off an import. Not a server: it would answer
 * nobody for the 60 ms and more that each one takes, against 20.
 */
const BULK_CHECKPOINT_PAGES = 8_000;

/** What a file of events is opened for. */
export type LogUse = 'serve' | 'write in bulk' | 'read through' | 'follow';

/** What each use is tuned by. Reading from one end to the other, no page is met twice; who follows the log meets its end again. */
const TUNING: Record<LogUse, Pick<OpenOptions, 'cacheMiB' | 'checkpointPages'>> = {
  serve: { cacheMiB: 64 },
  'write in bulk': { cacheMiB: 64, checkpointPages: BULK_CHECKPOINT_PAGES },
  'read through': { cacheMiB: 4 },
  follow: { cacheMiB: 4 },
};

/** Opens (or makes) the events' file. Throws when it was written by a newer padron. */
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
      const ranges = prefixes.flatMap((prefix) => [prefix, behindAll(prefix)]);
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
      // Positions have no gaps: a number is given back with the transaction that took it. So the difference is the count, a million
      // events behind as well as one, and only what another tool put into the file is looked for.
      const last = (lastPosition.get() as { last: number | null }).last ?? 0;
      if (last <= position) return 0;
      return last - position - (foreignAfter.get({ position }) as { count: number }).count;
    },
  };
}

/** The names that start with a prefix are a range, of which the index of positions knows nothing: `+` keeps it the one that is walked. */
const stretchOf = (prefixes: number): string =>
  `position > ? AND position <= ?
   AND (${Array.from({ length: prefixes }, () => '(+stream >= ? AND +stream < ?)').join(' OR ')}) ORDER BY position`;

/** The first name behind all that start with this prefix. */
const behindAll = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

const FOREIGN_AFTER = `SELECT count(*) AS count FROM events INDEXED BY foreign_events WHERE ${IS_FOREIGN} AND position > :position`;

/** An event as the port hands it out. */
export const toRecorded = (row: EventRow): RecordedEvent => ({
  stream: row.stream,
  revision: row.revision,
  position: BigInt(row.position),
  id: row.id,
  type: row.type,
  data: decodeData(row.data),
  metadata: decodeMetadata(row.metadata),
});

/** The EventStoreError of a call that failed, with SQLite's reason. */
export function failure(
  what: string,
  { path }: Pick<EventLog, 'path'>,
  outcomeUnknown: boolean,
  cause: unknown,
): EventStoreError {
  const reason = cause instanceof FileReplacedError ? cause.message : reasonOf(path, cause);
  return new EventStoreError(`${what}: ${reason}`, { outcomeUnknown, cause });
}

/** Runs a read of the log; what it throws becomes an EventStoreError. Shows nothing of a transaction that could not be rolled back. */
export function reading<T>(log: Pick<EventLog, 'db' | 'path'>, read: () => T): T {
  try {
    rollBack(log.db);
    return read();
  } catch (cause) {
    if (cause instanceof EventStoreError) throw cause;
    throw failure('the event log could not be read', log, false, cause);
  }
}
