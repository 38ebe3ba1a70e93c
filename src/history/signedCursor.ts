import { timingSafeEqual, type KeyObject } from 'node:crypto';
import { hmacOf } from '../events/identifiers.ts';

/** Everything that identifies a walk: its kind, and its question. */
export interface Walk {
  kind: 'history-cursor' | 'roll-cursor';
  question: string;
}

/**
 * A cursor for clients, signed together with its walk, so that forged, altered or misused cursors are
 * detected. The parts contain no slash.
 */
export function signedCursor(
  key: KeyObject,
  walk: Walk,
  parts: readonly (string | number | bigint)[],
): string {
  const payload = Buffer.from(parts.join('/')).toString('base64url');
  return `${payload}.${signatureOf(key, walk, payload)}`;
}

/** The parts of a cursor; null if it was not issued for this walk. */
export function partsOfCursor(key: KeyObject, walk: Walk, cursor: string): string[] | null {
  const dot = cursor.indexOf('.');
  if (dot < 0) return null;
  const payload = cursor.slice(0, dot);
  const given = Buffer.from(cursor.slice(dot + 1));
  const wanted = Buffer.from(signatureOf(key, walk, payload));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  return Buffer.from(payload, 'base64url').toString().split('/');
}

const signatureOf = (key: KeyObject, { kind, question }: Walk, payload: string): string =>
  hmacOf(key, kind, question, payload);
