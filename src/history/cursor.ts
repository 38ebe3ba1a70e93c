import { timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Position } from '../events/eventStore.ts';
import { hmacOf } from '../events/identifiers.ts';
import type { RowPlace } from '../projections/ports/rows.ts';

/** The state of a walk through the history. */
export interface Cursor {
  /** The end of the log when the walk began: later entries are not part of it. */
  upTo: Position;
  /** The last place examined. */
  place: RowPlace;
  /**
   * The subject whose history it is, null for all: if a DNI changes hands meanwhile, the walk does
   * not change.
   */
  subject: string | null;
}

/**
 * A cursor for clients, signed together with `question` (everything that identifies the walk), so
 * that forged, altered or misused cursors are detected.
 */
export function encodeCursor(key: KeyObject, question: string, { upTo, place, subject }: Cursor): string {
  const payload = Buffer.from(`${upTo}/${place.at}/${place.position}/${subject ?? ''}`).toString('base64url');
  return `${payload}.${hmacOf(key, 'history-cursor', question, payload)}`;
}

/** The contents of a cursor; null if it was not issued for this question. */
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
