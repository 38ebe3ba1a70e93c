import type { RequestError } from '../errors/errors.ts';
import type { Claims } from '../route/requestState.ts';

/** Who was refused, and why. Written to the log and counted. */
export interface RefusalNote {
  code: 'unauthorized' | 'forbidden' | 'too-many-requests';
  /** One of a few fixed texts: never a part of a token. */
  reason: string;
  /** The account that a verified token names. */
  account?: string;
  address: string;
}

/** What is known of a refused caller. */
export interface RefusedCaller {
  hasToken: boolean;
  /** What the token says, null where it could not be verified. */
  claims: Claims | null;
  /** Whether the role may use the route. */
  isAdmitted: boolean;
  addressOf(): string;
}

/** What the log says of a refused caller; null for a refusal that is about the request and not about who sent it. */
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

/** How the texts of the verifier begin, which are fixed so far; what follows may quote the token or the configuration. */
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
