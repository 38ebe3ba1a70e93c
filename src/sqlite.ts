import { DatabaseSync } from '@photostructure/sqlite';

export type Database = InstanceType<typeof DatabaseSync>;

type Statement = ReturnType<Database['prepare']>;

/** Statements kept by prepareWithLimit: limits come from a few constants and from what callers page by. */
const MOST_LIMITS = 50;

export interface OpenOptions {
  /** FULL: a commit survives a power cut. NORMAL: it survives a crash of the process; for what can be rebuilt. */
  synchronous: 'FULL' | 'NORMAL';
  /** Pages kept in memory, in MiB; SQLite's own 2 MiB make every other lookup a system call. */
  cacheMiB?: number;
  /** Pages in the write-ahead log that make a commit copy them into the file; left out: SQLite's own 1,000. */
  checkpointPages?: number;
  /** How long a statement waits for another process's transaction, in milliseconds. */
  busyTimeoutMs?: number;
}

const SYNCHRONOUS_CODE = { NORMAL: 1, FULL: 2 } as const;

/**
 * Opens a SQLite file in WAL mode and reads both pragmas back: a driver or a file system that quietly gives less durability than
 * asked for is an error here, not a lost write later.
 */
export function openSqlite(
  file: string,
  { synchronous, cacheMiB = 8, checkpointPages = 1_000, busyTimeoutMs = 5_000 }: OpenOptions,
): Database {
  const db = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    expectPragma(db, 'journal_mode', 'wal', () => {
      db.exec('PRAGMA journal_mode = WAL');
    });
    expectPragma(db, 'synchronous', SYNCHRONOUS_CODE[synchronous], () => {
      db.exec(`PRAGMA synchronous = ${synchronous}`);
    });
    db.exec(`PRAGMA cache_size = ${-1024 * cacheMiB}; PRAGMA wal_autocheckpoint = ${checkpointPages}`);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export function transaction<T>(db: Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Copies the write-ahead log into the file and syncs both, so that a power cut loses nothing of what is committed. Throws when a reader
 * keeps part of it from being copied.
 */
export function syncToDisk(db: Database): void {
  const result = db.prepare('PRAGMA wal_checkpoint(FULL)').get() as { busy: number };
  if (result.busy !== 0) throw new Error('the write-ahead log is in use and cannot be copied into the file');
}

/** Whether another connection has committed to the file since this was asked last. */
export function commitsOfOthers(db: Database): () => boolean {
  const statement = db.prepare('PRAGMA data_version');
  const version = (): number => (statement.get() as { data_version: number }).data_version;
  let seen = version();
  return () => {
    const before = seen;
    seen = version();
    return seen !== before;
  };
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
    if (prepared.size < MOST_LIMITS) prepared.set(limit, query);
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
  const row = db.prepare(`PRAGMA ${name}`).get() as Record<string, unknown>;
  return Object.values(row)[0];
}
