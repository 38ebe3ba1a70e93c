import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder, writePrivateFile } from './privateFolder.ts';

/** A secret that development mode makes and keeps in DATA_DIR. */
export interface KeptSecret {
  file: string;
  encoding: 'base64' | 'base64url';
  isWhole(text: string): boolean;
  /** What an operator should do if it is damaged. */
  remedy: string;
}

/** The secret file exists but is not as padron wrote it: empty or truncated. */
export class DamagedSecretError extends Error {
  constructor(file: string, { remedy }: KeptSecret) {
    super(`${file} is damaged (empty or truncated): ${remedy}`);
    this.name = 'DamagedSecretError';
  }
}

export function existingOrMade(dataDir: string, kept: KeptSecret): string {
  makePrivateFolder(dataDir);
  return existing(dataDir, kept) ?? makeSecret(join(dataDir, kept.file), kept);
}

export function existing(dataDir: string, kept: KeptSecret): string | null {
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

/** Writes it under another name first, so that a full disk or a crash never leaves part of a secret. */
function makeSecret(file: string, { encoding }: KeptSecret): string {
  const draft = `${file}.${randomUUID()}`;
  writePrivateFile(draft, `${randomBytes(32).toString(encoding)}\n`, { ifExists: 'fail' });
  try {
    // Of two processes that start at once, one links its draft, and both use that.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  return readFileSync(file, 'utf8').trim();
}
