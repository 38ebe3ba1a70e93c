import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from './privateFolder.ts';

const FILE = 'jwt-secret';

/**
 * The secret of development mode: made once, kept in `dataDir` where only this user can read it (mode 0600), so that tokens
 * outlive a restart.
 */
export function developmentSecret(dataDir: string): string {
  makePrivateFolder(dataDir);
  const file = join(dataDir, FILE);
  try {
    // wx: of two processes that start at once, one writes and both read.
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
