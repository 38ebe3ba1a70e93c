import { basename } from 'node:path';

/** What the driver adds to errors. */
interface SqliteFailure extends Error {
  /** SQLite's extended result code. */
  errcode: number;
  /** SQLite's text for the code, without any part of the statement or the data. */
  errstr?: string;
  /** `SQLITE_FULL` */
  sqliteCodeName?: string;
}

const BUSY = 5;
/** SQLite's code for a file whose structure is damaged. */
export const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** Whether another connection holds the needed lock: retry later. */
export const isLocked = (error: unknown): boolean => primaryCode(error) === BUSY;

/** Whether the file itself is damaged: a retry does not help. */
export const isDamaged = (error: unknown): boolean =>
  [CORRUPT, NOT_A_DATABASE].includes(primaryCode(error) ?? 0);

/**
 * Why a call on a file failed, for logs and operators: `users-v1-g1.db: database or disk is full
 * (SQLITE_FULL)`. Only the name of errors that are not SQLite's, because their messages may quote
 * stored data.
 */
export const reasonOf = (path: string, error: unknown): string =>
  `${basename(path)}: ${isSqliteFailure(error) ? textOf(error) : nameOf(error)}`;

const textOf = ({ errstr, errcode, sqliteCodeName }: SqliteFailure): string =>
  `${errstr ?? 'SQLite failed'} (${sqliteCodeName ?? `code ${errcode}`})`;

/** A system error's code (`ENOSPC`) says more than its name. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** The result code without its extension. */
const primaryCode = (error: unknown): number | null => (isSqliteFailure(error) ? error.errcode & 0xff : null);

const isSqliteFailure = (error: unknown): error is SqliteFailure =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
