import { createSecretKey, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { hmacOf } from '../events/identifiers.ts';
import { normalDni } from '../validation/dni.ts';

/** How long a request that names an erased user by DNI may be repeated, in milliseconds. */
const MAX_AGE_MS = 15 * 60_000;
const MAX_CACHED = 1_000;

/** The users that this process has just erased, so that a repeated request finds its certificate. */
export interface RecentlyErased {
  remember(dni: string, stream: string): void;
  find(dni: string): string | null;
}

/** Keeps, in memory only, an HMAC of the DNI under a key that ends with this process. */
export function createRecentlyErased(): RecentlyErased {
  const key = createSecretKey(randomBytes(32));
  const streams = new LRUCache<string, string>({ max: MAX_CACHED, ttl: MAX_AGE_MS });
  const nameOf = (dni: string): string => hmacOf(key, normalDni(dni));
  return {
    remember(dni, stream) {
      streams.set(nameOf(dni), stream);
    },
    find: (dni) => streams.get(nameOf(dni)) ?? null,
  };
}
