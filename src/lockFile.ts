import { DatabaseSync } from '@photostructure/sqlite';

/** A lock that this process holds until it releases it or ends, however it ends. */
export interface FileLock {
  release(): void;
}

/**
 * Takes the lock that `file` stands for, null when another process (or another holder in this one) has it. It is the operating
 * system's lock on a small SQLite file: free at the moment its holder dies, so nothing has to be cleaned up after kill -9.
 */
export function tryLock(file: string): FileLock | null {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (/locked|busy/i.test((error as Error).message)) return null;
    throw error;
  }
  return {
    release() {
      db.exec('ROLLBACK');
      db.close();
    },
  };
}
