import { createSecretKey } from 'node:crypto';
import jwksRsa from 'jwks-rsa';
import koaJwt from 'koa-jwt';
import type { Context } from 'koa';
import { LRUCache } from 'lru-cache';
import { Refusal } from './errors.ts';

/** Longest that a verified token is believed without verifying it again (contract, section 1). */
const LONGEST_TRUST_MS = 60_000;
const MOST_TOKENS = 10_000;
/** Questions to the JWKS endpoint a minute, however many unknown key ids are sent. */
const JWKS_REQUESTS_PER_MINUTE = 10;
/** How long a request waits for the endpoint, in milliseconds. */
const JWKS_TIMEOUT_MS = 5_000;

export type Claims = Record<string, unknown>;

/** Longest that a timer can wait, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How long a token with these claims is still good for, in milliseconds, as far as a timer can wait; null without an end. */
export const remainingMs = ({ exp }: Claims, now: number): number | null =>
  typeof exp === 'number' ? Math.min(Math.max(0, exp * 1_000 - now), LONGEST_TIMER_MS) : null;

/** Where the keys come from, and what tokens have to say. */
export interface TokenRules {
  keys: { secret: string } | { jwksUri: string };
  issuer: string | null;
  audience: string | null;
}

/** The claims of the request's bearer token. Rejects with Refusal `unauthorized`, or `unavailable` when the JWKS endpoint is. */
export type VerifyToken = (ctx: Context) => Promise<Claims>;

/** The signing keys could not be fetched: not the token's fault. */
class KeysUnavailableError extends Error {}

export function createTokenVerifier({ keys, issuer, audience }: TokenRules, now: () => number): VerifyToken {
  const verified = new LRUCache<string, { claims: Claims; until: number }>({ max: MOST_TOKENS });
  const jwt = koaJwt({
    ...('secret' in keys
      ? // A string secret is first tried as a PEM by jsonwebtoken 9: 0.8 ms a token against 27 us (design.md, decision 4).
        { secret: createSecretKey(Buffer.from(keys.secret)) as never, algorithms: ['HS256'] }
      : { secret: jwksSecret(keys.jwksUri), algorithms: ['RS256', 'ES256'] }),
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
    key: 'claims',
    tokenKey: 'token',
  });

  return async (ctx) => {
    const header = ctx.get('authorization');
    const known = verified.get(header);
    if (known && known.until > now()) return known.claims;
    try {
      await jwt(ctx, () => Promise.resolve());
    } catch (error) {
      const cause = (error as { originalError?: unknown }).originalError;
      throw new Refusal(cause instanceof KeysUnavailableError ? 'unavailable' : 'unauthorized', { cause });
    }
    const claims = ctx.state['claims'] as unknown;
    if (typeof claims !== 'object' || claims === null) throw new Refusal('unauthorized');
    // Half of it to the whole: those that came together, after a start say, are not all verified again in the same second.
    const trustMs = LONGEST_TRUST_MS * (1 - Math.random() / 2);
    const at = now();
    const until = at + Math.min(trustMs, remainingMs(claims as Claims, at) ?? Infinity);
    verified.set(header, { claims: claims as Claims, until });
    return claims as Claims;
  };
}

function jwksSecret(jwksUri: string): koaJwt.SecretLoader {
  const fetchKey = jwksRsa.koaJwtSecret({
    jwksUri,
    cache: true,
    rateLimit: true,
    jwksRequestsPerMinute: JWKS_REQUESTS_PER_MINUTE,
    timeout: JWKS_TIMEOUT_MS,
  });
  return async (header) => {
    try {
      return await fetchKey(header as never);
    } catch (error) {
      const { name, message } = error as Error;
      if (name === 'SigningKeyNotFoundError' || message === 'Missing / invalid token algorithm') throw error;
      throw new KeysUnavailableError(message, { cause: error });
    }
  };
}
