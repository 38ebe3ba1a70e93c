/** The names of the streams (contract, section 4). No personal datum is ever part of one. */

export type SubjectKind = 'persona' | 'user';

export const SETTINGS_STREAM = 'padron-settings';
/** Events that a view passes over, as decided by an operator. */
export const SKIPS_STREAM = 'padron-skips';

/** What every stream of padron's starts with: a shared EventStoreDB may hold others, even some that start like these. */
export const OWN_PREFIXES = ['persona-', 'user-', 'reservation-', 'key-', 'sequence-', 'padron-'] as const;

/**
 * The whole names of padron's own streams. EventStoreDB takes it as a filter, whose \d and \w know more characters than
 * JavaScript's: only plain classes.
 */
export const OWN_STREAM_PATTERN =
  '^(?:(?:persona|user)-[1-9][0-9]*|(?:reservation|key)-[A-Za-z0-9_-]{43}|sequence-(?:persona|user)|padron-(?:settings|skips))$';

const OWN_STREAM = new RegExp(OWN_STREAM_PATTERN);
const SUBJECT_STREAM = /^(persona|user)-([1-9][0-9]*)$/;

export const startsWithOneOf = (stream: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => stream.startsWith(prefix));

/** Whether padron gave a stream its name. Another application may have a `user-<uuid>`. */
export const isOwnStream = (stream: string): boolean => OWN_STREAM.test(stream);

export const subjectStream = (kind: SubjectKind, id: number): string => `${kind}-${id}`;
export const sequenceStream = (kind: SubjectKind): string => `sequence-${kind}`;
export const reservationStream = (hmac: string): string => `reservation-${hmac}`;
export const keyStream = (hmac: string): string => `key-${hmac}`;

/** The kind and id that a subject's stream is named by; null for any other stream. */
export function subjectOf(stream: string): { kind: SubjectKind; id: number } | null {
  const [, kind, digits] = SUBJECT_STREAM.exec(stream) ?? [];
  const id = Number(digits);
  return Number.isSafeInteger(id) ? { kind: kind as SubjectKind, id } : null;
}
