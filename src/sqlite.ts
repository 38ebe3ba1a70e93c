import { DatabaseSync } from '@photostructure/sqlite';

export type Database = InstanceType<typeof DatabaseSync>;

export interface OpenOptions {
  /** FULL: a commit survives a power cut. NORMAL: it survives a crash of the process; for what can be rebuilt. */
  synchronous: 'FULL' | 'NORMAL';
  /** How long a statement waits for another process's transaction, in milliseconds. */
  busyTimeoutMs?: number;
}

const SYNCHRONOUS_CODE = { NORMAL: 1, FULL: 2 } as const;

/**
 * Opens a SQLite file in WAL mode and reads both pragmas back: a driver or a file system that quietly gives less durability than
 * asked for is an error here, not a lost write later.
 */
export function openSqlite(file: string, { synchronous, busyTimeoutMs = 5_000 }: OpenOptions): Database {
  const db = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    expectPragma(db, 'journal_mode', 'wal', () => {
      db.exec('PRAGMA journal_mode = WAL');
    });
    expectPragma(db, 'synchronous', SYNCHRONOUS_CODE[synchronous], () => {
      db.exec(`PRAGMA synchronous = ${synchronous}`);
    });
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
