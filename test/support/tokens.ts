import jsonwebtoken from 'jsonwebtoken';
import { createHmac, createSecretKey } from 'node:crypto';

/** The default secret of services that tests start. */
export const SECRET = 'the secret of the tests, long enough for HS256';

export interface TokenOptions extends jsonwebtoken.SignOptions {
  secret?: string;
}

/** A token with exactly these claims and header members. Adds `iat` and an `exp` in an hour unless they are given. */
export function tokenWith(claims: object, { secret = SECRET, ...options }: TokenOptions = {}): string {
  const lasts = 'exp' in claims || 'expiresIn' in options || Buffer.isBuffer(claims);
  return jsonwebtoken.sign(claims, createSecretKey(Buffer.from(secret)), {
    algorithm: 'HS256',
    ...(lasts ? {} : { expiresIn: '1h' }),
    ...options,
  });
}

/** A token for an account with a role, valid for an hour. */
export const tokenOf = (role: string, sub = role): string => tokenWith({ sub, role });

/** A signed token with exactly this text as its claims, and no `typ` in its header. */
export function signedText(claims: string): string {
  const part = (text: string): string => Buffer.from(text).toString('base64url');
  const signed = `${part('{"alg":"HS256"}')}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

/** A token whose header names an `alg`, without a valid signature. */
export function unsignedToken(header: object, claims: object, signature = ''): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${signature}`;
}
