import { createSecretKey, hash, type KeyObject } from 'node:crypto';
import { decrypt, encrypt, dataKeyFrom, KEY_BYTES, BrokenSealError, type DataKey } from './envelope.ts';
import type { WrappedKey } from './keyStore.ts';

/** The key that wraps all people's keys. Kept outside the stores; a rotation re-wraps small rows and no events. */
export interface MasterKey {
  /** Identifies the key without revealing it. */
  fingerprint: string;
  key: KeyObject;
}

/** The master keys that an instance knows. */
export interface MasterKeys {
  /** Wraps new keys. */
  present: MasterKey;
  /** During a rotation, the key before or after it; else null. */
  previous: MasterKey | null;
}

/** A master key from its text: 32 bytes in base64. Null for anything else. */
export function masterKeyFrom(text: string): MasterKey | null {
  const bytes = Buffer.from(text, 'base64');
  const isWhole = bytes.length === KEY_BYTES && bytes.toString('base64') === text;
  return isWhole ? masterKey(createSecretKey(bytes)) : null;
}

export const masterKey = (key: KeyObject): MasterKey => ({
  key,
  fingerprint: hash(
    'sha256',
    Buffer.concat([Buffer.from('padron master key '), key.export()]),
    'base64url',
  ).slice(0, 22),
});

/** A person's key as stored in the key store. */
export const wrap = (
  { key, fingerprint }: MasterKey,
  { id, subject, key: dataKey }: DataKey,
): WrappedKey => ({
  subject,
  keyId: id,
  wrapped: encrypt(key, boundTo(subject, id), dataKey.export()).toString('base64url'),
  master: fingerprint,
});

/**
 * A person's key from its row; null if none of the master keys has wrapped it, or if the row is damaged
 * or was moved to another subject.
 */
export function unwrap({ present, previous }: MasterKeys, row: WrappedKey): DataKey | null {
  const { subject, keyId } = row;
  const master = [present, previous].find((one) => one?.fingerprint === row.master);
  if (!master) return null;
  try {
    const bytes = decrypt(master.key, boundTo(subject, keyId), Buffer.from(row.wrapped, 'base64url'));
    return dataKeyFrom(subject, bytes);
  } catch (error) {
    if (error instanceof BrokenSealError) return null;
    throw error;
  }
}

const boundTo = (subject: string, keyId: string): string => `padron key v1|${subject}|${keyId}`;
