import jsonwebtoken from 'jsonwebtoken';
import { createSecretKey } from 'node:crypto';

/** The secret of every service that a test starts without saying otherwise. */
export const SECRET = 'the secret of the tests, long enough for HS256';

export interface TokenOptions extends jsonwebtoken.SignOptions {
  secret?: string;
}

/** A token with exactly these claims (and `iat`). */
export const tokenWith = (claims: object, { secret = SECRET, ...options }: TokenOptions = {}): string =>
  jsonwebtoken.sign(claims, createSecretKey(Buffer.from(secret)), { algorithm: 'HS256', ...options });

/** A token for an account with a role, valid for an hour. */
export const tokenOf = (role: string, sub = role): string => tokenWith({ sub, role }, { expiresIn: '1h' });

/** A token that says `alg` and carries no valid signature for it. */
export function unsignedToken(header: object, claims: object, signature = ''): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${signature}`;
}
