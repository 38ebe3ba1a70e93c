import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject } from 'node:crypto';

/** An HMAC of `parts` as base64url text: names a stream without revealing personal data. */
export function hmacOf(key: KeyObject, ...parts: readonly string[]): string {
  // The length prefix keeps ('ab', 'c') and ('a', 'bc') distinct.
  const text = parts.map((part) => `${part.length}:${part}`).join('');
  return createHmac('sha256', key).update(text).digest('base64url');
}

/**
 * A key for one purpose, derived from the log's key (HKDF, RFC 5869): a leak in one use does not
 * affect another.
 */
export const derivedKey = (key: KeyObject, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', key, '', `padron ${purpose}`, 32)));

/**
 * A UUID (version 8, RFC 9562) determined by `parts`: for events that a repeat must not store
 * twice.
 */
export function derivedUuid(...parts: readonly string[]): string {
  const digest = hash('sha256', JSON.stringify(parts), 'buffer');
  digest[6] = ((digest[6] as number) & 0x0f) | 0x80;
  digest[8] = ((digest[8] as number) & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
