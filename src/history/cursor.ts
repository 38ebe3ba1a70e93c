import { timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Position } from '../events/eventStore.ts';
import { hmacOf } from '../events/identifiers.ts';
import type { RowPlace } from '../projections/ports/rows.ts';

/** Where a walk through the history is. */
export interface Cursor {
  /** What was there when the walk began: entries above this position came later, and are not part of it. */
  upTo: Position;
  /** The last place looked at. */
  place: RowPlace;
  /** Whose history it is, null for everybody's: a DNI that changes hands meanwhile does not change the walk. */
  subject: string | null;
}

/**
 * A cursor as clients get it. Signed together with `question` (everything that tells one walk from another), so that one that was
 * made up, altered or taken to another question is known for it.
 */
export function encodeCursor(key: KeyObject, question: string, { upTo, place, subject }: Cursor): string {
  const payload = Buffer.from(`${upTo}/${place.at}/${place.position}/${subject ?? ''}`).toString('base64url');
  return `${payload}.${hmacOf(key, 'history-cursor', question, payload)}`;
}

/** What a cursor says; null for one that was not given out for this question. */
export function decodeCursor(key: KeyObject, question: string, cursor: string): Cursor | null {
  const dot = cursor.indexOf('.');
  if (dot < 0) return null;
  const payload = cursor.slice(0, dot);
  const signature = Buffer.from(cursor.slice(dot + 1));
  const wanted = Buffer.from(hmacOf(key, 'history-cursor', question, payload));
  if (signature.length !== wanted.length || !timingSafeEqual(signature, wanted)) return null;
  const [upTo = '', at = '', position = '', subject = ''] = Buffer.from(payload, 'base64url')
    .toString()
    .split('/');
  return {
    upTo: BigInt(upTo),
    place: { at: Number(at), position: BigInt(position) },
    subject: subject === '' ? null : subject,
  };
}
