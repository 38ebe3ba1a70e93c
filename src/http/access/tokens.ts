import { createSecretKey } from 'node:crypto';
import koaJwt from 'koa-jwt';
import type { Context } from 'koa';
import { LRUCache } from 'lru-cache';
import { RequestError } from '../errors/errors.ts';
import { ALGORITHM_NAMES } from './algorithms.ts';
import { DEFAULT_LEEWAY_SECONDS, type TokenRules } from './tokenRules.ts';
import { createKeySet, KeysUnavailableError, type KeySet } from './keySet.ts';
import type { Claims } from '../route/requestState.ts';

/** A verified token is not verified again for at most this long. */
const MAX_TRUST_MS = 60_000;
const MAX_TOKENS = 10_000;
/**
 * Valid values of `typ` (RFC 7519, section 5.1; RFC 9068, section 2.1): an ID token is not an
 * access token.
 */
const TYPES = new Set(['jwt', 'at+jwt']);

/**
 * The claims of the request's bearer token. Rejects with RequestError `unauthorized`, or
 * `unavailable` if the key set is.
 */
export type VerifyToken = (ctx: Context) => Promise<Claims>;

/** A token as jsonwebtoken decodes it with `complete`. */
interface DecodedToken {
  header: Record<string, unknown>;
  payload: unknown;
}

/**
 * `now` in milliseconds since the epoch. `onKeysUnavailable` gets each failed fetch of the key set.
 */
export function createTokenVerifier(
  rules: TokenRules,
  now: () => number,
  onKeysUnavailable?: (error: Error) => void,
): VerifyToken {
  const { keys, issuer, audience, leewaySeconds = DEFAULT_LEEWAY_SECONDS } = rules;
  const verified = new LRUCache<string, { claims: Claims; until: number }>({ max: MAX_TOKENS });
  const jwt = koaJwt({
    ...('secret' in keys
      ? // A string secret is first tried as a PEM by jsonwebtoken 9: 0.8 ms a token against 27 us.
        { secret: createSecretKey(Buffer.from(keys.secret)) as never, algorithms: ['HS256'] }
      : {
          secret: secretFrom(
            createKeySet({
              uri: keys.jwksUri,
              ...(onKeysUnavailable ? { onFailure: onKeysUnavailable } : {}),
            }),
          ),
          algorithms: ALGORITHM_NAMES,
        }),
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
    ...({ clockTolerance: leewaySeconds, complete: true } as object),
    key: 'token',
    getToken: tokenIn,
  });

  return async (ctx) => {
    // Not by the header: one token may be spaced in thousands of ways, and each would be kept.
    const token = tokenIn(ctx) ?? '';
    const known = verified.get(token);
    if (known && known.until > now()) return known.claims;
    try {
      await jwt(ctx, () => Promise.resolve());
    } catch (error) {
      const cause = (error as { originalError?: unknown }).originalError;
      // Without its cause: the failed fetch is reported once, not per request.
      if (cause instanceof KeysUnavailableError) throw new RequestError('unavailable');
      throw new RequestError('unauthorized', { cause });
    }
    const claims = claimsIn(ctx.state['token'] as DecodedToken);
    if (!claims) throw new RequestError('unauthorized');
    // Between half and all of the maximum, at random, so that tokens first seen together do not all
    // expire from the cache in the same second.
    const trustMs = MAX_TRUST_MS * (1 - Math.random() / 2);
    verified.set(token, { claims, until: Math.min(now() + trustMs, claims.exp * 1_000) });
    return claims;
  };
}

/** The scheme in any letter case, then at least one space (RFC 6750, section 2.1; RFC 9110, section 11.1). */
const tokenIn = (ctx: Context): string | null =>
  /^Bearer +([^ ]+)$/i.exec(ctx.get('authorization').trim())?.[1] ?? null;

/**
 * The claims of a token with valid signature, times, issuer and audience; null if it must be
 * refused nevertheless.
 */
function claimsIn({ header, payload }: DecodedToken): (Claims & { exp: number }) | null {
  // No extension is supported, so a critical one refuses the token (RFC 7515, section 4.1.11).
  if ('crit' in header) return null;
  const { typ } = header;
  if (typ !== undefined && !(typeof typ === 'string' && TYPES.has(typ.toLowerCase()))) return null;
  if (typeof payload !== 'object' || payload === null) return null;
  const claims = payload as Claims & { exp: number };
  const { exp, roles } = claims;
  if (!Number.isFinite(exp)) return null;
  if (roles !== undefined && !isTexts(roles)) return null;
  return claims;
}

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/** koa-jwt's callback for the key of a token. */
function secretFrom(keySet: KeySet): koaJwt.SecretLoader {
  return async (header) => {
    const key = await keySet.find(header as object);
    if (!key) throw new Error('the key set does not have the key of this token');
    return key as never;
  };
}
