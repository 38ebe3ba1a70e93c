import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from '../platform/privateFolder.ts';
import { isStrong } from './secretSetting.ts';

const FILE = 'jwt-secret';

/** The secret file exists but is not as padron wrote it: empty or truncated. */
export class DamagedSecretError extends Error {
  constructor(file: string) {
    super(
      `${file} is damaged (empty or truncated): remove it, and padron will create a new secret at the next start`,
    );
    this.name = 'DamagedSecretError';
  }
}

/**
 * The secret of development mode: generated once and kept in `dataDir`, readable by this user only
 * (mode 0600), so that tokens survive a restart. Throws DamagedSecretError.
 */
export function developmentSecret(dataDir: string): string {
  makePrivateFolder(dataDir);
  const file = join(dataDir, FILE);
  return readSecret(file) ?? writeSecret(file);
}

/** The secret if there is one, else null. Creates nothing. Throws DamagedSecretError. */
export const existingDevelopmentSecret = (dataDir: string): string | null => readSecret(join(dataDir, FILE));

function readSecret(file: string): string | null {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (isStrong(secret)) return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  throw new DamagedSecretError(file);
}

/**
 * Written under another name first, so that a full disk or a crash never leaves a partial secret.
 */
function writeSecret(file: string): string {
  const draft = `${file}.${randomUUID()}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, `${randomBytes(32).toString('base64url')}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    // Of two processes that start at once, one links its draft, and both read that one.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  return readFileSync(file, 'utf8').trim();
}
