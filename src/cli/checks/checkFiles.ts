import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { isOpenToOthers } from '../../platform/files/privateFolder.ts';
import { Database, expectUndamaged } from '../../platform/sqlite/sqlite.ts';
import { isLocked, reasonOf } from '../../platform/sqlite/sqliteFailures.ts';
import { describePlace } from './dataPlace.ts';

/** How long to wait for a file that another process is changing, in milliseconds. */
const MAX_WAIT_MS = 2_000;

/**
 * Reads every file of the embedded stores completely and reports how many there are. Throws an
 * Error that names each folder that cannot be written, and each damaged file, with the reason.
 */
export async function checkFiles({ dataDir }: Pick<Config, 'dataDir'>): Promise<string> {
  const folders = [dataDir, join(dataDir, 'views')];
  const files = folders.flatMap(filesOf);
  const faults = [
    ...folders.flatMap((folder) => whyUnwritable(folder) ?? []),
    ...files.flatMap((file) => damageOf(file) ?? []),
  ];
  if (faults.length > 0) throw new Error(faults.join('; '));
  return files.length === 0 ? 'no files yet' : `${files.length} read, none damaged`;
}

/** A warning if other users can read the data; null if only this user can. */
export const warningOfOthers = ({ dataDir }: Pick<Config, 'dataDir'>): string | null =>
  isOpenToOthers(dataDir)
    ? `other users of this machine can read or enter DATA_DIR, which holds personal data: chmod 700 ${resolve(dataDir)}`
    : null;

const filesOf = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.db'))
        .sort()
        .map((name) => join(folder, name))
    : [];

function whyUnwritable(folder: string): string | null {
  if (!existsSync(folder)) return null;
  try {
    describePlace(folder);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function damageOf(file: string): string | null {
  let db: Database | null = null;
  try {
    db = new Database(file, file.includes('lease-') ? 0 : MAX_WAIT_MS);
    expectUndamaged(db);
    return null;
  } catch (error) {
    // Locked, such as a held lease: its holder can use it.
    return isLocked(error) ? null : reasonOf(file, error);
  } finally {
    db?.close();
  }
}
