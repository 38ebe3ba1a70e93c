import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { isThere } from '../files/isThere.ts';
import { syncFolder, writePrivateFile } from '../files/privateFolder.ts';
import { syncToDisk, type Database } from './sqlite.ts';
import { CORRUPT, isLocked } from './sqliteFailures.ts';

/** The ending of the mark beside a file that is written without waiting for the disk. */
export const UNSYNCED_MARK = '-unsynced';

/** Changes with each start of the machine. Linux only: elsewhere every file is written as usual. */
const START_OF_MACHINE = '/proc/sys/kernel/random/boot_id';

/** Page cache in MiB: a transaction that fits keeps its lock for its commit only. */
const CACHE_MIB = 32;

/**
 * Writes a file in bulk without waiting for the disk, and each page once instead of into the
 * write-ahead log and into the file. A commit survives the end of the process, but a stop of the
 * machine may lose or mix pages without any sign. So the mark, which is on disk before the first such
 * commit, names the start of the machine, and a file with the mark of another start must not be used.
 */
export interface UnsyncedWriting {
  /** Begins, unless it has begun. Changes nothing on a system without such starts. */
  begin(): void;
  /**
   * Puts everything on disk and removes the mark, whichever connection began. Throws SQLite's error
   * for a lock, and may then be repeated.
   */
  end(): void;
}

/** Whether a connection writes the file so, or ended while it did. */
export const isMarkedUnsynced = (path: string): boolean => isThere(markOf(path));

/** Throws if the machine has stopped since the file was written without waiting for the disk. */
export function expectSynced(path: string): void {
  if (!isMarkedUnsynced(path) || textIn(markOf(path)) === startOfMachine()) return;
  const errstr = 'the machine stopped while this was being written in bulk';
  throw Object.assign(new Error(errstr), { errcode: CORRUPT, errstr });
}

/** `cacheMiB` is the connection's page cache at other times. */
export function unsyncedWriting(db: Database, path: string, cacheMiB: number): UnsyncedWriting {
  let hasBegun = false;

  function begin(): void {
    if (hasBegun && isMarkedUnsynced(path)) return;
    const start = startOfMachine();
    if (start === null) return;
    putMark(path, start);
    hasBegun = true;
    if (!leftWriteAheadLog(db)) return;
    db.exec(`PRAGMA file.synchronous = OFF; PRAGMA file.cache_size = ${-1024 * CACHE_MIB}`);
  }

  function end(): void {
    if (!hasBegun && !isMarkedUnsynced(path)) return;
    db.exec('PRAGMA file.synchronous = FULL; PRAGMA file.journal_mode = WAL');
    syncToDisk(db);
    db.exec(`PRAGMA file.synchronous = NORMAL; PRAGMA file.cache_size = ${-1024 * cacheMiB}`);
    removeMark(path);
    hasBegun = false;
  }

  return { begin, end };
}

/** False while another connection uses the write-ahead log. */
function leftWriteAheadLog(db: Database): boolean {
  try {
    const { journal_mode: mode } = db.prepare('PRAGMA file.journal_mode = DELETE').get() as {
      journal_mode: string;
    };
    return mode === 'delete';
  } catch (error) {
    if (!isLocked(error)) throw error;
    return false;
  }
}

const markOf = (path: string): string => `${path}${UNSYNCED_MARK}`;

function startOfMachine(): string | null {
  return isThere(START_OF_MACHINE) ? textIn(START_OF_MACHINE) : null;
}

const textIn = (file: string): string => readFileSync(file, 'utf8').trim();

function putMark(path: string, start: string): void {
  const mark = markOf(path);
  if (isThere(mark) && textIn(mark) === start) return;
  writePrivateFile(mark, start, { ifExists: 'replace' });
  syncFolder(dirname(path));
}

/** A mark that came back with the machine would make the file unusable. */
function removeMark(path: string): void {
  rmSync(markOf(path), { force: true });
  syncFolder(dirname(path));
}
