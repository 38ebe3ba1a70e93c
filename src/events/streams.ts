/** The names of the streams (contract, section 4). No personal datum is ever part of one. */

export type SubjectKind = 'persona' | 'user';

export const SETTINGS_STREAM = 'padron-settings';
/** Events that a view passes over, as decided by an operator. */
export const SKIPS_STREAM = 'padron-skips';

/** What every stream of padron's starts with: a shared EventStoreDB may hold others. */
export const OWN_PREFIXES = ['persona-', 'user-', 'reservation-', 'key-', 'sequence-', 'padron-'] as const;

export const startsWithOneOf = (stream: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => stream.startsWith(prefix));

export const isOwnStream = (stream: string): boolean => startsWithOneOf(stream, OWN_PREFIXES);

export const subjectStream = (kind: SubjectKind, id: number): string => `${kind}-${id}`;
export const sequenceStream = (kind: SubjectKind): string => `sequence-${kind}`;
export const reservationStream = (hmac: string): string => `reservation-${hmac}`;
export const keyStream = (hmac: string): string => `key-${hmac}`;

/** The kind and id that a subject's stream is named by; null for any other stream. */
export function subjectOf(stream: string): { kind: SubjectKind; id: number } | null {
  const dash = stream.indexOf('-');
  const kind = stream.slice(0, dash);
  if (kind !== 'persona' && kind !== 'user') return null;
  const id = Number(stream.slice(dash + 1));
  return Number.isSafeInteger(id) && id > 0 ? { kind, id } : null;
}
