import { DatabaseSync } from '@photostructure/sqlite';
import { makePrivateFile } from '../files/privateFolder.ts';
import { CORRUPT } from './sqliteFailures.ts';

export interface OpenOptions {
  /**
   * FULL: a commit survives a power cut. NORMAL: it survives a crash of the process, which is
   * enough for data that can be rebuilt.
   */
  synchronous: 'FULL' | 'NORMAL';
  /** Page cache in MiB. With SQLite's default of 2 MiB, every other lookup is a system call. */
  cacheMiB?: number;
  /** Pages in the write-ahead log that trigger a checkpoint; SQLite's default is 1,000. */
  checkpointPages?: number;
  /** `as stored`: another connection may be writing it without the log (see unsyncedWriting.ts). */
  journal?: 'WAL' | 'as stored';
}

const SYNCHRONOUS_CODE = { NORMAL: 1, FULL: 2 } as const;

/**
 * How long opening waits for another process that is creating or repairing the file, in
 * milliseconds.
 */
const OPEN_TIMEOUT_MS = 5_000;
/**
 * How long other calls wait for a lock, in milliseconds. Short, because it blocks the thread:
 * whenUnlocked does the rest of the waiting.
 */
const BUSY_TIMEOUT_MS = 5;

/**
 * A connection to one SQLite file. The driver finalizes statements only on garbage collection, and
 * SQLite keeps the file open until then. So the file is attached, as `file`, to an in-memory
 * database: detaching closes it regardless of open statements. Statements find its tables without
 * the prefix; CREATE and PRAGMA need it.
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
   * Rolls back what is not committed and closes the file, leaving no descriptor open. A connection
   * that has written first copies the write-ahead log into the file; SQLite removes the log with
   * the last connection. Throws if the file cannot be closed.
   */
  override close(): void {
    try {
      // If either fails, the write-ahead log remains: no commit is lost.
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
 * Opens a SQLite file in WAL mode and reads both pragmas back, so that a driver or file system that
 * silently gives less durability fails here. `prepareSchema` creates missing tables. Only opening
 * waits long for a lock; later calls barely do (see whenUnlocked).
 */
export function openSqlite(
  path: string,
  { synchronous, cacheMiB = 8, checkpointPages = 1_000, journal = 'WAL' }: OpenOptions,
  prepareSchema: (db: Database) => void = () => undefined,
): Database {
  makePrivateFile(path);
  const db = new Database(path, OPEN_TIMEOUT_MS);
  try {
    if (journal === 'WAL') {
      expectPragma(db, 'journal_mode', 'wal', () => {
        db.exec('PRAGMA file.journal_mode = WAL');
      });
    }
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
    // The first error is the reason. If the rollback fails, the next transaction starts with it.
    attempt(() => {
      rollBack(db);
    });
    throw error;
  }
}

/** Rolls back the open transaction, if any. */
export function rollBack(db: Database): void {
  if (db.isTransaction) db.exec('ROLLBACK');
}

/**
 * Copies the write-ahead log into the file and syncs both, so that every commit survives a power
 * cut. Throws if a reader prevents that.
 */
export function syncToDisk(db: Database): void {
  const result = db.prepare('PRAGMA file.wal_checkpoint(FULL)').get() as { busy: number };
  if (result.busy !== 0) throw new Error('the write-ahead log is in use and cannot be copied into the file');
}

/** Returns a check whether another connection has committed to the file since the last check. */
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

/** Throws if the file's structure is damaged. Reads the whole file. */
export function expectUndamaged(db: Database): void {
  const row = db.prepare('PRAGMA file.quick_check(1)').get() as { quick_check: string };
  if (row.quick_check === 'ok') return;
  throw Object.assign(new Error(row.quick_check), { errcode: CORRUPT, errstr: row.quick_check });
}

export type Parameter = string | number | bigint | null;

function expectPragma(db: Database, name: string, wanted: string | number, set: () => void): void {
  if (readPragma(db, name) === wanted) return;
  set();
  const got = readPragma(db, name);
  if (got !== wanted) throw new Error(`SQLite refused PRAGMA ${name} = ${wanted}: it stays ${String(got)}`);
}

/** The value of a pragma that returns one row with one column. */
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
    // The caller explains why this is safe.
  }
}
