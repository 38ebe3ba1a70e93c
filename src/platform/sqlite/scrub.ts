import { readPragma, type Database } from './sqlite.ts';

/** SQLite's code for a lock that another connection holds (see whenUnlocked). */
const BUSY = 5;
const DUE = 1;

/**
 * Notes in the file, within the open transaction, that deleted content has to leave it. The note survives a crash. It is the file's
 * `user_version`, which files with another use for it cannot have.
 */
export function markForScrub(db: Database): void {
  db.exec(`PRAGMA file.user_version = ${DUE}`);
}

/**
 * Writes a marked file again from what is in its tables, and empties the write-ahead log: pages that were freed, and parts of pages that
 * rows were moved from, keep what was in them otherwise, `secure_delete` or not. Takes time with the size of the file. Throws
 * SQLite's error for a lock while another connection uses the file.
 */
export function scrubIfMarked(db: Database): void {
  if (readPragma(db, 'user_version') !== DUE) return;
  db.exec('VACUUM file');
  emptyWriteAheadLog(db);
  db.exec('PRAGMA file.user_version = 0');
}

/** Pages as they were before the last commits stay in the write-ahead log until it is emptied. */
function emptyWriteAheadLog(db: Database): void {
  const result = db.prepare('PRAGMA file.wal_checkpoint(TRUNCATE)').get() as { busy: number };
  if (result.busy !== 0) throw Object.assign(new Error('the write-ahead log is in use'), { errcode: BUSY });
}
