import { DatabaseSync } from '@photostructure/sqlite';
import { makePrivateFile } from '../privateFolder.ts';
import { CORRUPT } from './sqliteFailures.ts';

export type Statement = ReturnType<InstanceType<typeof DatabaseSync>['prepare']>;

/** Statements kept by prepareWithLimit: limits come from a few constants and from what callers page by. */
const MAX_LIMITS = 50;

export interface OpenOptions {
  /** FULL: a commit survives a power cut. NORMAL: it survives a crash of the process; for what can be rebuilt. */
  synchronous: 'FULL' | 'NORMAL';
  /** Pages kept in memory, in MiB; SQLite's own 2 MiB make every other lookup a system call. */
  cacheMiB?: number;
  /** Pages in the write-ahead log that make a commit copy them into the file; left out: SQLite's own 1,000. */
  checkpointPages?: number;
}

const SYNCHRONOUS_CODE = { NORMAL: 1, FULL: 2 } as const;

/** How long opening waits for another process that is just making or repairing the file, in milliseconds. */
const OPEN_TIMEOUT_MS = 5_000;
/** How long any other call waits for a lock. Short, since it blocks the thread: whenUnlocked does the rest of the waiting. */
const BUSY_TIMEOUT_MS = 5;

/**
 * A connection to one SQLite file. The driver finalizes statements only when they are garbage-collected, and until then SQLite keeps the
 * file open. So the file is attached, as `file`, to a database in memory: detaching closes it whatever statements there are.
 * Statements find its tables without the prefix; CREATE and PRAGMA need it.
 */
export class Database extends DatabaseSync {
  constructor(path: string, timeoutMs: number) {
    super(':memory:', { timeout: timeoutMs });
    try {
      this.prepare('ATTACH ? AS file').run(path);
    } catch (error) {
      super.close();
      throw error;
    }
  }

  /**
   * Rolls back what is not committed and closes the file: no descriptor is left. A connection that has written copies the write-ahead log
   * into the file first; SQLite removes that log with the last connection. Throws when the file cannot be closed.
   */
  override close(): void {
    try {
      // If either fails, the log stays beside the file: nothing that was committed is lost.
      attempt(() => {
        rollBack(this);
      });
      attempt(() => {
        if (hasWritten(this)) this.exec('PRAGMA busy_timeout = 0; PRAGMA file.wal_checkpoint(TRUNCATE)');
      });
      this.exec('DETACH file');
    } finally {
      super.close();
    }
  }
}

/**
 * Opens a SQLite file in WAL mode and reads both pragmas back: a driver or a file system that quietly gives less durability than
 * asked for is an error here, not a lost write later. `prepareSchema` makes what is missing of the tables. Only while it opens
 * does this wait for a lock; later calls hardly do (see whenUnlocked).
 */
export function openSqlite(
  path: string,
  { synchronous, cacheMiB = 8, checkpointPages = 1_000 }: OpenOptions,
  prepareSchema: (db: Database) => void = () => undefined,
): Database {
  makePrivateFile(path);
  const db = new Database(path, OPEN_TIMEOUT_MS);
  try {
    expectPragma(db, 'journal_mode', 'wal', () => {
      db.exec('PRAGMA file.journal_mode = WAL');
    });
    expectPragma(db, 'synchronous', SYNCHRONOUS_CODE[synchronous], () => {
      db.exec(`PRAGMA file.synchronous = ${synchronous}`);
    });
    db.exec(`PRAGMA file.cache_size = ${-1024 * cacheMiB}; PRAGMA wal_autocheckpoint = ${checkpointPages}`);
    prepareSchema(db);
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export function transaction<T>(db: Database, work: () => T): T {
  rollBack(db);
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // The reason is the first error. A transaction that cannot be ended now is ended before the next one.
    attempt(() => {
      rollBack(db);
    });
    throw error;
  }
}

/** Ends a transaction that is open without committing it; does nothing where none is. */
export function rollBack(db: Database): void {
  if (db.isTransaction) db.exec('ROLLBACK');
}

/**
 * Copies the write-ahead log into the file and syncs both, so that a power cut loses nothing of what is committed. Throws when a reader
 * keeps part of it from being copied.
 */
export function syncToDisk(db: Database): void {
  const result = db.prepare('PRAGMA file.wal_checkpoint(FULL)').get() as { busy: number };
  if (result.busy !== 0) throw new Error('the write-ahead log is in use and cannot be copied into the file');
}

/** Whether another connection has committed to the file since this was asked last. */
export function commitsOfOthers(db: Database): () => boolean {
  const statement = db.prepare('PRAGMA file.data_version');
  const version = (): number => (statement.get() as { data_version: number }).data_version;
  let seen = version();
  return () => {
    const before = seen;
    seen = version();
    return seen !== before;
  };
}

/** Throws SQLite's error, or one that says where, when the file's structure is damaged. Reads the whole file. */
export function expectUndamaged(db: Database): void {
  const row = db.prepare('PRAGMA file.quick_check(1)').get() as { quick_check: string };
  if (row.quick_check === 'ok') return;
  throw Object.assign(new Error(row.quick_check), { errcode: CORRUPT, errstr: row.quick_check });
}

type Parameter = string | number | bigint | null;

/** A SELECT whose rows become what it was prepared to make of them. */
export interface Query<Row> {
  all(...parameters: readonly Parameter[]): Row[];
  get(...parameters: readonly Parameter[]): Row | undefined;
}

/**
 * Prepares a SELECT for rows that are made from their columns, in order. The driver's own objects cost twice as much: 4.6 against 2.0 us for
 * seven columns.
 */
export function prepareQuery<Row>(db: Database, sql: string, make: (columns: never) => Row): Query<Row> {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return {
    all: (...parameters) => (statement.all(...parameters) as never[]).map(make),
    get(...parameters) {
      const columns = statement.get(...parameters) as unknown;
      return columns === undefined ? undefined : make(columns as never);
    },
  };
}

/**
 * Prepares a query that ends in LIMIT, once for each limit asked for: bound as a parameter, a limit makes SQLite plan the statement
 * anew at every execution (14 against 5 us a lookup on two cores).
 */
export function prepareWithLimit<Q>(prepare: (limit: string) => Q): (limit: number) => Q {
  const prepared = new Map<number, Q>();
  return (limit) => {
    const known = prepared.get(limit);
    if (known) return known;
    const query = prepare(`LIMIT ${Math.trunc(limit)}`);
    if (prepared.size < MAX_LIMITS) prepared.set(limit, query);
    return query;
  };
}

/** Rows that the statements of prepareForMany take, the largest first: a call of a statement costs as much as some of its rows. */
const ROWS_AT_ONCE = [100, 10, 1];

/**
 * `INSERT INTO … (columns)` for any number of rows, several of them a statement; takes the values of all rows in one list, row by row. Each
 * statement is prepared when it is first used: most connections only read.
 */
export function prepareForMany(
  db: Database,
  insert: string,
  columns: number,
): (values: readonly (string | number | bigint)[]) => void {
  const place = `(${Array.from({ length: columns }, () => '?').join(', ')})`;
  const prepared = new Map<number, Statement>();
  const inserting = (rows: number): Statement => {
    const known = prepared.get(rows);
    if (known) return known;
    const made = db.prepare(`${insert} VALUES ${Array.from({ length: rows }, () => place).join(', ')}`);
    prepared.set(rows, made);
    return made;
  };
  return (values) => {
    if (values.length % columns !== 0)
      throw new RangeError(`${values.length} values are no rows of ${columns}`);
    let next = 0;
    for (const rows of ROWS_AT_ONCE) {
      const size = rows * columns;
      for (; next + size <= values.length; next += size) {
        inserting(rows).run(...values.slice(next, next + size));
      }
    }
  };
}

function expectPragma(db: Database, name: string, wanted: string | number, set: () => void): void {
  if (readPragma(db, name) === wanted) return;
  set();
  const got = readPragma(db, name);
  if (got !== wanted) throw new Error(`SQLite refused PRAGMA ${name} = ${wanted}: it stays ${String(got)}`);
}

/** The value of a pragma that answers one row with one column. */
export function readPragma(db: Database, name: string): unknown {
  const row = db.prepare(`PRAGMA file.${name}`).get() as Record<string, unknown>;
  return Object.values(row)[0];
}

const hasWritten = (db: Database): boolean =>
  (db.prepare('SELECT total_changes() AS changes').get() as { changes: number }).changes > 0;

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The caller says why that is all right.
  }
}
