import { readPragma, transaction, type Database } from './sqlite.ts';

/** SQLite's code for a lock that another connection holds (see whenUnlocked). */
const BUSY = 5;

/**
 * Marks the file, within the open transaction, as still holding deleted content that must go. The
 * mark survives a crash. It is the file's `user_version`, which the file must not use otherwise: the
 * number of marks since the last scrub.
 */
export function markForScrub(db: Database): void {
  db.exec(`PRAGMA file.user_version = ${marksIn(db) + 1}`);
}

/**
 * Rewrites a marked file from its tables and empties the write-ahead log. Otherwise freed pages, and
 * parts of pages from which rows were moved, keep their contents, even with `secure_delete`. Takes
 * time proportional to the file. A mark that another connection sets meanwhile stays, for that
 * connection to scrub. Throws SQLite's error for a lock while another connection uses the file.
 */
export function scrubIfMarked(db: Database): void {
  const marks = marksIn(db);
  if (marks === 0) return;
  db.exec('VACUUM file');
  emptyWriteAheadLog(db);
  transaction(db, () => {
    if (marksIn(db) === marks) db.exec('PRAGMA file.user_version = 0');
  });
}

const marksIn = (db: Database): number => Number(readPragma(db, 'user_version'));

/** Pages as they were before the last commits stay in the write-ahead log until it is emptied. */
function emptyWriteAheadLog(db: Database): void {
  const result = db.prepare('PRAGMA file.wal_checkpoint(TRUNCATE)').get() as { busy: number };
  if (result.busy !== 0) throw Object.assign(new Error('the write-ahead log is in use'), { errcode: BUSY });
}
