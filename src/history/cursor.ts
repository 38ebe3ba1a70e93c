import type { KeyObject } from 'node:crypto';
import type { Position } from '../events/eventStore.ts';
import type { RowPlace } from '../projections/ports/rows.ts';
import { partsOfCursor, signedCursor } from './signedCursor.ts';

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

/** A cursor for clients, signed together with `question` (everything that identifies the walk). */
export const encodeCursor = (key: KeyObject, question: string, { upTo, place, subject }: Cursor): string =>
  signedCursor(key, { kind: 'history-cursor', question }, [upTo, place.at, place.position, subject ?? '']);

/** The contents of a cursor; null if it was not issued for this question. */
export function decodeCursor(key: KeyObject, question: string, cursor: string): Cursor | null {
  const parts = partsOfCursor(key, { kind: 'history-cursor', question }, cursor);
  if (!parts) return null;
  const [upTo = '', at = '', position = '', subject = ''] = parts;
  return {
    upTo: BigInt(upTo),
    place: { at: Number(at), position: BigInt(position) },
    subject: subject === '' ? null : subject,
  };
}
