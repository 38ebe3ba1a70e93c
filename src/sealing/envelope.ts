import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  randomFillSync,
  type KeyObject,
} from 'node:crypto';

/** The key of one person's data. */
export interface DataKey {
  /** See dataKeyFrom: identifies the key without revealing it. */
  id: string;
  /** The subject whose data it seals: `persona-5`. */
  subject: string;
  key: KeyObject;
}

/** The event and stream to which a sealed text is bound; anywhere else it does not open. */
export interface SealedPlace {
  stream: string;
  id: string;
  type: string;
}

/** A sealed text is damaged, was moved to another event, or was sealed with another key. Quotes nothing. */
export class BrokenSealError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BrokenSealError';
  }
}

export const KEY_BYTES = 32;
const FORMAT = 'v1';
const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D: 96 bits, random for each text. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_LENGTH = 22;
const ENVELOPE = /^v1\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]+)$/;

const ID_PREFIX = Buffer.from('padron data key ');
/** The input of a key's id; the place of the key is blank between two calls. */
const idInput = Buffer.concat([ID_PREFIX, Buffer.alloc(KEY_BYTES)]);

/**
 * The key with these 32 bytes, which are overwritten. Its id is the first 132 bits of a SHA-256 over
 * it, which identifies a random key of 256 bits without revealing it.
 */
export function dataKeyFrom(subject: string, bytes: Buffer): DataKey {
  if (bytes.length !== KEY_BYTES) throw new BrokenSealError('not the length of a key');
  idInput.set(bytes, ID_PREFIX.length);
  const id = hash('sha256', idInput, 'base64url').slice(0, KEY_ID_LENGTH);
  const key = createSecretKey(bytes);
  idInput.fill(0, ID_PREFIX.length);
  bytes.fill(0);
  return { id, subject, key };
}

/** A new random key for a subject. */
export const newDataKey = (subject: string): DataKey => dataKeyFrom(subject, freshBytes(KEY_BYTES));

/** `text` sealed: `v1.<key id>.<base64url of initialisation vector, ciphertext and tag>`. */
export const seal = ({ id, key }: DataKey, place: SealedPlace, text: string): string =>
  `${FORMAT}.${id}.${encrypt(key, boundTo(place, id), Buffer.from(text)).toString('base64url')}`;

/** The id of the key of an envelope; null for any text that is not an envelope of a known format. */
export const keyIdIn = (envelope: string): string | null => ENVELOPE.exec(envelope)?.[1] ?? null;

/** The sealed text in clear. Throws BrokenSealError. */
export function open({ id, key }: DataKey, place: SealedPlace, envelope: string): string {
  const head = `${FORMAT}.${id}.`;
  if (!envelope.startsWith(head)) throw new BrokenSealError('sealed with another key');
  const body = envelope.slice(head.length);
  const sealed = Buffer.from(body, 'base64url');
  // Node leaves out characters that are not base64url.
  if (sealed.length !== Math.floor((body.length * 3) / 4)) throw new BrokenSealError('not base64url');
  return decrypt(key, boundTo(place, id), sealed).toString('utf8');
}

const boundTo = ({ stream, id, type }: SealedPlace, keyId: string): string =>
  `${FORMAT}|${stream}|${id}|${type}|${keyId}`;

/** AES-256-GCM with a fresh random initialisation vector: vector, ciphertext and tag in one. */
export function encrypt(key: KeyObject, bound: string, clear: Buffer): Buffer {
  const iv = freshBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(bound));
  const sealed = cipher.update(clear);
  // GCM is a stream cipher: final() returns no further bytes.
  cipher.final();
  return Buffer.concat([iv, sealed, cipher.getAuthTag()]);
}

/** Random bytes for the next vectors and keys: drawing 12 at a time takes 3.5 us each, a quarter of a seal. */
const pool = Buffer.alloc(8_192);
let used = pool.length;

/** Fresh random bytes, which no other call gets. Valid until the next call. */
function freshBytes(count: number): Buffer {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.subarray(used, (used += count));
}

/** Undoes `encrypt`. Throws BrokenSealError. */
export function decrypt(key: KeyObject, bound: string, sealed: Buffer): Buffer {
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new BrokenSealError('cut short');
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const clear = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES));
    // Checks the tag; GCM is a stream cipher: it returns no further bytes.
    decipher.final();
    return clear;
  } catch {
    throw new BrokenSealError('damaged, moved, or sealed with another key');
  }
}
