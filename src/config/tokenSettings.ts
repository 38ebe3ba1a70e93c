import type { TokenRules } from '../http/access/tokenRules.ts';
import type { SettingsReader } from './settingsReader.ts';

/** The token keys, null in development mode: JWT_SECRET or JWKS_URI. Errors go to the reader. */
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
  // An unreadable file is already reported under its own name.
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
    read.faults.push(
      'JWKS_URI must be an https URL, or an http URL on a loopback address, without a name and password',
    );
  }
  if (audience === null) {
    read.refuseInProduction(
      'JWT_AUDIENCE must be set with JWKS_URI: the provider also signs tokens for other applications',
    );
  }
}

/** Keys decide who is admitted, so they must arrive over a protected connection. */
function isKeySetUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  // fetch takes no URL with credentials, so nothing could ever be fetched.
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** Whether only this machine reaches the address. Names other than localhost are not resolved. */
function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}
