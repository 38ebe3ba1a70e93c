import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Algorithm as SignatureAlgorithm } from 'jsonwebtoken';

const MIN_RSA_BITS = 2_048;

/** The published keys (RFC 7517) that an algorithm verifies with. */
interface KeyRules {
  fits(jwk: Record<string, unknown>): boolean;
  isStrong(key: KeyObject): boolean;
}

/**
 * The algorithms of tokens that are signed with a key of the key set (RFC 7518, sections 3.3 and
 * 3.4). A further algorithm is a further entry; the compiler refuses one that jsonwebtoken does not
 * verify.
 */
const ALGORITHMS = {
  RS256: {
    fits: ({ kty }) => kty === 'RSA',
    isStrong: ({ asymmetricKeyDetails }) => (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS,
  },
  ES256: {
    fits: ({ kty, crv }) => kty === 'EC' && crv === 'P-256',
    isStrong: () => true,
  },
} satisfies Partial<Record<SignatureAlgorithm, KeyRules>>;

export type Algorithm = keyof typeof ALGORITHMS;

export const ALGORITHM_NAMES = Object.keys(ALGORITHMS) as Algorithm[];

/** As texts name them: «RS256 or ES256». */
export const ALGORITHMS_TEXT = ALGORITHM_NAMES.join(' or ');

/** A published key that verifies tokens. */
export interface PublishedKey {
  kid: string | null;
  algorithm: Algorithm;
  key: KeyObject;
}

/** A usable signing key; null for any other entry of a key set. */
export function publishedKey(value: unknown): PublishedKey | null {
  if (typeof value !== 'object' || value === null) return null;
  const jwk = value as Record<string, unknown>;
  const { use, alg, kid, key_ops: operations } = jwk;
  const algorithm = ALGORITHM_NAMES.find((name) => ALGORITHMS[name].fits(jwk));
  if (algorithm === undefined || (alg !== undefined && alg !== algorithm)) return null;
  if (use !== undefined && use !== 'sig') return null;
  if (Array.isArray(operations) && !operations.includes('verify')) return null;
  if (kid !== undefined && typeof kid !== 'string') return null;
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    return ALGORITHMS[algorithm].isStrong(key) ? { kid: kid ?? null, algorithm, key } : null;
  } catch {
    return null;
  }
}
