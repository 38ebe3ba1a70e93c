import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from '../platform/privateFolder.ts';
import { masterKeyFrom } from '../sealing/masterKeys.ts';
import { isStrong } from './secretSetting.ts';

/** A secret that development mode makes and keeps in DATA_DIR. */
interface KeptSecret {
  file: string;
  encoding: 'base64' | 'base64url';
  isWhole(text: string): boolean;
}

const TOKENS: KeptSecret = { file: 'jwt-secret', encoding: 'base64url', isWhole: isStrong };
const MASTER: KeptSecret = {
  file: 'master-key',
  encoding: 'base64',
  isWhole: (text) => masterKeyFrom(text) !== null,
};

/** The secret file exists but is not as padron wrote it: empty or truncated. */
export class DamagedSecretError extends Error {
  constructor(file: string, { file: name }: KeptSecret) {
    const remedy =
      name === MASTER.file
        ? 'put it back from its backup, for the people of this event log cannot be read without it'
        : 'remove it, and padron will create a new secret at the next start';
    super(`${file} is damaged (empty or truncated): ${remedy}`);
    this.name = 'DamagedSecretError';
  }
}

/**
 * The secret of development mode: generated once and kept in `dataDir`, readable by this user only
 * (mode 0600), so that tokens survive a restart. Throws DamagedSecretError.
 */
export const developmentSecret = (dataDir: string): string => existingOrMade(dataDir, TOKENS);

/** The secret if there is one, else null. Creates nothing. Throws DamagedSecretError. */
export const existingDevelopmentSecret = (dataDir: string): string | null => existing(dataDir, TOKENS);

/** The master key of development mode, as `developmentSecret`. */
export const developmentMasterKey = (dataDir: string): string => existingOrMade(dataDir, MASTER);

/** The master key if there is one already; null otherwise. Creates nothing. Throws DamagedSecretError. */
export const existingDevelopmentMasterKey = (dataDir: string): string | null => existing(dataDir, MASTER);

function existingOrMade(dataDir: string, kept: KeptSecret): string {
  makePrivateFolder(dataDir);
  return existing(dataDir, kept) ?? makeSecret(join(dataDir, kept.file), kept);
}

function existing(dataDir: string, kept: KeptSecret): string | null {
  const file = join(dataDir, kept.file);
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (kept.isWhole(secret)) return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  throw new DamagedSecretError(file, kept);
}

/** Written whole under another name first: a full disk or a crash never leaves a part of it under its own. */
function makeSecret(file: string, { encoding }: KeptSecret): string {
  const draft = `${file}.${randomUUID()}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, `${randomBytes(32).toString(encoding)}\n`);
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
