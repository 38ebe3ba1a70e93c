import type { TokenRules } from '../http/access/tokens.ts';
import type { SettingsReader } from './settingsReader.ts';

/** Where tokens come from, null in development mode: JWT_SECRET or JWKS_URI. Its faults go to the reader. */
export function readTokenKeys(
  read: SettingsReader,
  { host, audience }: { host: string; audience: string | null },
): TokenRules['keys'] | null {
  const secret = read.secret('JWT_SECRET');
  const jwksUri = read.text('JWKS_URI');
  const isPublic = read.oneOf('DEVELOPMENT', ['loopback', 'public'], 'loopback') === 'public';
  if (secret !== null && jwksUri !== null) read.faults.push('JWT_SECRET and JWKS_URI cannot both be set');
  if (jwksUri !== null) checkKeySet(read, jwksUri, audience);
  if (secret !== null) return { secret };
  if (jwksUri !== null) return { jwksUri };
  // A file that could not be read is reported by its own name already.
  if (read.text('JWT_SECRET_FILE') !== null) return null;
  if (read.isProduction) read.faults.push('JWT_SECRET or JWKS_URI must be set when NODE_ENV is production');
  else if (!isPublic && !isLoopback(host)) {
    read.faults.push(
      'HOST must be a loopback address in development mode: set JWT_SECRET or JWKS_URI, or DEVELOPMENT=public',
    );
  }
  return null;
}

function checkKeySet(read: SettingsReader, jwksUri: string, audience: string | null): void {
  if (!isKeySetUrl(jwksUri)) {
    read.faults.push('JWKS_URI must be an https URL, or an http URL on a loopback address');
  }
  if (audience === null) {
    read.refuseInProduction(
      'JWT_AUDIENCE must be set with JWKS_URI: the provider signs tokens for other applications, too',
    );
  }
}

/** Keys decide who is let in, so the way they come must be protected. */
function isKeySetUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** Whether only this machine reaches the address. A name other than localhost is not resolved. */
function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}
