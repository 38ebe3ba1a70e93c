import jsonwebtoken from 'jsonwebtoken';
import { createSecretKey } from 'node:crypto';
import type { Config } from '../../config/config.ts';
import { CliError, EXIT } from './exit.ts';

/** A signed HS256 token. `ttl` is a number of seconds, minutes, hours or days with its unit. Throws CliError if it is malformed. */
export function signToken({
  sub,
  role,
  email,
  secret,
  ttl,
  issuer,
  audience,
}: TokenOptions & { secret: string; issuer?: string; audience?: string }): string {
  if (!/^[1-9]\d*[smhd]$/.test(ttl))
    throw new CliError('--ttl must look like 90s, 15m, 12h or 7d', EXIT.usage);
  const claims = { ...(role === undefined ? {} : { role }), ...(email === undefined ? {} : { email }) };
  return jsonwebtoken.sign(claims, createSecretKey(Buffer.from(secret)), {
    algorithm: 'HS256',
    subject: sub,
    expiresIn: ttl as never,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  });
}

/** The further claims that tokens of this configuration must have. */
export const claimsOf = ({ issuer, audience }: Config): { issuer?: string; audience?: string } => ({
  ...(issuer === null ? {} : { issuer }),
  ...(audience === null ? {} : { audience }),
});

export interface TokenOptions {
  sub: string;
  role?: string;
  email?: string;
  ttl: string;
}
