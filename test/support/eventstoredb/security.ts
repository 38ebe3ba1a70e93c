import { ServerCredentials, status } from '@grpc/grpc-js';
import type { Metadata } from '@grpc/grpc-js';
import { refusal } from './faults.ts';
import type { Refusal } from './faults.ts';

/** TLS with a certificate, and one account. */
export interface Security {
  key: string;
  certificate: string;
  username: string;
  password: string;
  /** Whether the account may read $all. */
  mayReadAll: boolean;
}

export const credentialsOf = (security: Security | undefined): ServerCredentials =>
  security
    ? ServerCredentials.createSsl(null, [
        { private_key: Buffer.from(security.key), cert_chain: Buffer.from(security.certificate) },
      ])
    : ServerCredentials.createInsecure();

/** Refuses a wrong password and a missing right alike. */
export function refusedAccess(
  security: Security | undefined,
  method: string,
  metadata: Metadata,
): Refusal | null {
  if (!security) return null;
  const { username, password, mayReadAll } = security;
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const isKnown = metadata.get('authorization').includes(expected);
  const isOfAll = method === 'readAll' || method === 'subscribe';
  if (isKnown && (mayReadAll || !isOfAll)) return null;
  return refusal(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
}
