import { isProved, type Certificate } from '../../erasure/certificate.ts';
import { tableLines } from './table.ts';

const nameOf = ({ account, role }: Certificate['by']): string => `${account} (${role})`;

/** A certificate as lines for a terminal. */
export const certificateLines = (certificate: Certificate): string[] => {
  const { erasure, subject, erasedAt, by, reason, keys } = certificate;
  return [
    `${subject} is erased: no key opens the events, no view holds the subject, the key store has a tombstone`,
    `  erasure    ${erasure}`,
    `  erased at  ${erasedAt}`,
    `  by         ${nameOf(by)}`,
    `  reason     ${reason}`,
    `  key        ${keys.join(', ')}`,
  ];
};

/** Certificates as a table, in the given order. */
export const erasureLines = (erasures: readonly Certificate[]): string[] =>
  tableLines(
    ['erased at', 'subject', 'proved', 'by', 'erasure', 'reason'],
    erasures.map((one) => [
      one.erasedAt,
      one.subject,
      isProved(one) ? 'yes' : 'not yet',
      nameOf(one.by),
      one.erasure,
      one.reason,
    ]),
  );
