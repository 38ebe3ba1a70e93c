import { createSecretKey, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { hmacOf } from '../events/identifiers.ts';
import { normalDni } from '../validation/dni.ts';

/** How long a request that names an erased user by DNI may be repeated, in milliseconds. */
const MAX_AGE_MS = 15 * 60_000;
const MAX_CACHED = 1_000;

/** The users that this process has just erased, so that a repeated request finds its certificate. */
export interface RecentlyErased {
  /** `lastClaim`: the revision of the last claim on the DNI before the erasure. */
  remember(dni: string, erased: { stream: string; lastClaim: number }): void;
  /** Null if the DNI has been claimed since: the repeat may be about its next holder. */
  find(dni: string, lastClaim: number): string | null;
}

/** Keeps, in memory only, an HMAC of the DNI under a key that ends with this process. */
export function createRecentlyErased(): RecentlyErased {
  const key = createSecretKey(randomBytes(32));
  const users = new LRUCache<string, { stream: string; lastClaim: number }>({
    max: MAX_CACHED,
    ttl: MAX_AGE_MS,
  });
  const nameOf = (dni: string): string => hmacOf(key, normalDni(dni));
  return {
    remember(dni, erased) {
      users.set(nameOf(dni), erased);
    },
    find(dni, lastClaim) {
      const erased = users.get(nameOf(dni));
      return erased?.lastClaim === lastClaim ? erased.stream : null;
    },
  };
}
