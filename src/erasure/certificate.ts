import type { ListedErasure } from '../events/bookkeeping/erasures.ts';
import type { Actor } from '../events/types.ts';

/** The proof of an erasure. Contains no personal data except the id. */
export interface Certificate {
  erasure: string;
  /** `persona-5`, `user-15` */
  subject: string;
  /** RFC 3339 instant in UTC. */
  erasedAt: string;
  by: Actor;
  reason: string;
  /** The fingerprints of the erased keys. */
  keys: string[];
  /**
   * What was checked before it was issued: no key opens the subject's events, no view holds the
   * subject, the key store has a tombstone. False while an erasure is in progress.
   */
  verified: { events: boolean; views: boolean; keyStore: boolean };
}

/** Whether everything was checked: the erasure is complete. */
export const isProved = ({ verified }: Certificate): boolean =>
  verified.events && verified.views && verified.keyStore;

/** An erasure that was decided, as its certificate. */
export const certificateOf = ({
  id,
  subject,
  at,
  by,
  reason,
  key,
  isProved,
}: ListedErasure): Certificate => ({
  erasure: id,
  subject,
  erasedAt: at,
  by: { account: by.account, role: by.role },
  reason,
  keys: [key],
  verified: { events: isProved, views: isProved, keyStore: isProved },
});
