import type { RequestError } from '../errors/errors.ts';
import type { Claims } from '../route/requestState.ts';

/** Who was refused, and why, for the log and the metrics. */
export interface RefusalNote {
  code: 'unauthorized' | 'forbidden' | 'too-many-requests';
  /** One of a few fixed texts; never part of a token. */
  reason: string;
  /** The account of a verified token. */
  account?: string;
  address: string;
}

/** What is known about a refused caller. */
export interface RefusedCaller {
  hasToken: boolean;
  /** The token's claims, null if it could not be verified. */
  claims: Claims | null;
  /** Whether the role may use the route. */
  isAdmitted: boolean;
  addressOf(): string;
}

/**
 * The log entry for a refused caller; null if the error concerns the request and not the caller.
 */
export function refusalNote(
  { code, reason, cause }: RequestError,
  caller: RefusedCaller,
): RefusalNote | null {
  if (code !== 'unauthorized' && code !== 'forbidden' && code !== 'too-many-requests') return null;
  const account = accountIn(caller.claims);
  return {
    code,
    reason: reason ?? (code === 'unauthorized' ? tokenReasonOf(cause, caller) : roleReasonOf(caller)),
    ...(account === null ? {} : { account }),
    address: caller.addressOf(),
  };
}

const roleReasonOf = ({ isAdmitted }: RefusedCaller): string => (isAdmitted ? 'rule' : 'role');

function accountIn(claims: Claims | null): string | null {
  const sub = claims?.['sub'];
  return typeof sub === 'string' || typeof sub === 'number' ? String(sub) : null;
}

/**
 * The fixed beginnings of the verifier's texts; what follows may quote the token or the
 * configuration.
 */
const TOKEN_REASONS = [
  'jwt expired',
  'jwt not active',
  'jwt malformed',
  'jwt signature is required',
  'invalid signature',
  'invalid algorithm',
  'jwt audience invalid',
  'jwt issuer invalid',
  'the key set does not have the key',
] as const;

function tokenReasonOf(cause: unknown, { hasToken, claims }: RefusedCaller): string {
  if (!hasToken) return 'no token';
  if (claims !== null) return 'account';
  const message = cause instanceof Error ? cause.message : '';
  return TOKEN_REASONS.find((reason) => message.startsWith(reason)) ?? 'invalid token';
}
