import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from '../platform/privateFolder.ts';
import { isStrong } from './secretSetting.ts';

const FILE = 'jwt-secret';

/** The secret file is there and cannot be the one that padron wrote: it is empty, or cut short. */
export class DamagedSecretError extends Error {
  constructor(file: string) {
    super(
      `${file} is damaged (empty or cut short): remove it, and padron makes a new secret at its next start`,
    );
    this.name = 'DamagedSecretError';
  }
}

/**
 * The secret of development mode: made once, kept in `dataDir` where only this user can read it (mode 0600), so that tokens
 * outlive a restart. Throws DamagedSecretError.
 */
export function developmentSecret(dataDir: string): string {
  makePrivateFolder(dataDir);
  const file = join(dataDir, FILE);
  return readSecret(file) ?? writeSecret(file);
}

/** The secret if there is one already; null otherwise. Creates nothing. Throws DamagedSecretError. */
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

/** Written whole under another name first: a full disk or a crash never leaves a part of it under its own. */
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
    // Of two processes that start at once, one links its draft and both read that one.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  return readFileSync(file, 'utf8').trim();
}
