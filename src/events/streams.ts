/** The names of the streams. They never contain personal data. */

export type SubjectKind = 'persona' | 'user';

export const SETTINGS_STREAM = 'padron-settings';
/** Events that views skip, by operators' decisions. */
export const SKIPS_STREAM = 'padron-skips';

/** Named rolls. */
export const ROLLS_STREAM = 'padron-rolls';

/** Erasures of people. */
export const ERASURES_STREAM = 'padron-erasures';

/** Prefixes of padron's streams. A shared EventStoreDB may hold others with the same prefixes. */
export const OWN_PREFIXES = ['persona-', 'user-', 'reservation-', 'key-', 'sequence-', 'padron-'] as const;

/**
 * Pattern of padron's full stream names. EventStoreDB uses it as a filter, and its \d and \w match
 * more characters than JavaScript's: use only plain classes.
 */
export const OWN_STREAM_PATTERN =
  '^(?:(?:persona|user)-[1-9][0-9]*|(?:reservation|key)-[A-Za-z0-9_-]{43}|sequence-(?:persona|user)|padron-(?:settings|skips|rolls|erasures))$';

const OWN_STREAM = new RegExp(OWN_STREAM_PATTERN);
const SUBJECT_STREAM = /^(persona|user)-([1-9][0-9]*)$/;

export const startsWithOneOf = (stream: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => stream.startsWith(prefix));

/** Whether this is one of padron's streams. Another application may have a `user-<uuid>`. */
export const isOwnStream = (stream: string): boolean => OWN_STREAM.test(stream);

export const subjectStream = (kind: SubjectKind, id: number): string => `${kind}-${id}`;
export const sequenceStream = (kind: SubjectKind): string => `sequence-${kind}`;
export const reservationStream = (hmac: string): string => `reservation-${hmac}`;
export const keyStream = (hmac: string): string => `key-${hmac}`;

/** The kind and id in a subject's stream name; null for any other stream. */
export function subjectOf(stream: string): { kind: SubjectKind; id: number } | null {
  const [, kind, digits] = SUBJECT_STREAM.exec(stream) ?? [];
  const id = Number(digits);
  return Number.isSafeInteger(id) ? { kind: kind as SubjectKind, id } : null;
}
