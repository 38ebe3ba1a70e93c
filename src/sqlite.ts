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

/**
 * Prepares a statement that ends in LIMIT, once for each limit asked for: bound as a parameter, a limit makes SQLite plan the statement
 * anew at every execution (14 against 5 us a lookup on two cores).
 */
export function prepareWithLimit(db: Database, sql: string): (limit: number) => Statement {
  const prepared = new Map<number, Statement>();
  return (limit) => {
    const known = prepared.get(limit);
    if (known) return known;
    const statement = db.prepare(`${sql} LIMIT ${Math.trunc(limit)}`);
    if (prepared.size < MOST_LIMITS) prepared.set(limit, statement);
    return statement;
  };
}

/** Rows that the statements of prepareForMany take, the largest first: a call of a statement costs as much as some of its rows. */
const ROWS_AT_ONCE = [100, 10, 1];

/**
 * `INSERT INTO … (columns)` for any number of rows, several of them a statement. Each is prepared when it is first used: most connections only
 * read.
 */
export function prepareForMany(
  db: Database,
  insert: string,
  columns: number,
): (rows: readonly (readonly (string | number | bigint)[])[]) => void {
  const place = `(${Array.from({ length: columns }, () => '?').join(', ')})`;
  const prepared = new Map<number, Statement>();
  const inserting = (rows: number): Statement => {
    const known = prepared.get(rows);
    if (known) return known;
    const made = db.prepare(`${insert} VALUES ${Array.from({ length: rows }, () => place).join(', ')}`);
    prepared.set(rows, made);
    return made;
  };
  return (rows) => {
    let next = 0;
    for (const size of ROWS_AT_ONCE) {
      for (; next + size <= rows.length; next += size) {
        inserting(size).run(...rows.slice(next, next + size).flat());
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
