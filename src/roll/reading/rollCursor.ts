import { timingSafeEqual, type KeyObject } from 'node:crypto';
import { hmacOf } from '../../events/identifiers.ts';
import type { Horizon } from '../../events/eventStore.ts';

/** The state of a walk. It has the horizons, so that each page shows the same state as the first. */
export interface RollPlace {
  horizons: readonly Horizon[];
  /** The id after which the next page starts. */
  after: number;
}

/**
 * A cursor for clients, signed together with `question` (everything that identifies the walk), so
 * that forged, altered or misused cursors are detected.
 */
export function encodeRollCursor(key: KeyObject, question: string, { horizons, after }: RollPlace): string {
  const numbers = [after, ...horizons.flatMap(({ at, upTo }) => [at, upTo])];
  const payload = Buffer.from(numbers.join('/')).toString('base64url');
  return `${payload}.${signatureOf(key, question, payload)}`;
}

/** The contents of a cursor; null if it was not issued for this question. */
export function decodeRollCursor(key: KeyObject, question: string, cursor: string): RollPlace | null {
  const dot = cursor.indexOf('.');
  if (dot < 0) return null;
  const payload = cursor.slice(0, dot);
  const signature = cursor.slice(dot + 1);
  const given = Buffer.from(signature);
  const wanted = Buffer.from(signatureOf(key, question, payload));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  const [after = '', ...rest] = Buffer.from(payload, 'base64url').toString().split('/');
  const horizons: Horizon[] = [];
  for (let index = 0; index + 1 < rest.length; index += 2) {
    horizons.push({ at: Number(rest[index]), upTo: BigInt(rest[index + 1] ?? '') });
  }
  return { horizons, after: Number(after) };
}

const signatureOf = (key: KeyObject, question: string, payload: string): string =>
  hmacOf(key, 'roll-cursor', question, payload);
