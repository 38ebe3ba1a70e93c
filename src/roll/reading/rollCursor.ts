import type { KeyObject } from 'node:crypto';
import type { Horizon } from '../../events/eventStore.ts';
import { partsOfCursor, signedCursor } from '../../history/signedCursor.ts';

/** The state of a walk. It has the horizons, so that each page shows the same state as the first. */
export interface RollPlace {
  horizons: readonly Horizon[];
  /** The id after which the next page starts. */
  after: number;
}

/** A cursor for clients, signed together with `question` (everything that identifies the walk). */
export const encodeRollCursor = (key: KeyObject, question: string, { horizons, after }: RollPlace): string =>
  signedCursor(key, { kind: 'roll-cursor', question }, [
    after,
    ...horizons.flatMap(({ at, upTo }) => [at, upTo]),
  ]);

/** The contents of a cursor; null if it was not issued for this question. */
export function decodeRollCursor(key: KeyObject, question: string, cursor: string): RollPlace | null {
  const parts = partsOfCursor(key, { kind: 'roll-cursor', question }, cursor);
  if (!parts) return null;
  const [after = '', ...rest] = parts;
  const horizons: Horizon[] = [];
  for (let index = 0; index + 1 < rest.length; index += 2) {
    horizons.push({ at: Number(rest[index]), upTo: BigInt(rest[index + 1] ?? '') });
  }
  return { horizons, after: Number(after) };
}
