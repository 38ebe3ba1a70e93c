import { createHash, hash } from 'node:crypto';
import type { RollKind } from '../rollKinds.ts';

/** What a named roll is proved by. */
export interface RollDigest {
  count: number;
  /** SHA-256 in lower-case hexadecimal. */
  digest: string;
}

/** A digest under way. */
export interface DigestUnderWay<State> {
  /** Adds entries, by id. */
  add(states: readonly State[]): void;
  end(): RollDigest;
}

/**
 * The digest of a roll: SHA-256 over one line for each entry, by id, of its id, a space, the SHA-256 of the entry as a line of NDJSON (without the line's
 * end), and a line feed. The entries' own hashes let a roll be proved when one of them was erased.
 */
export function createDigest<State extends object>({
  present,
  idColumn,
}: RollKind<State>): DigestUnderWay<State> {
  const whole = createHash('sha256');
  let count = 0;
  return {
    add(states) {
      for (const state of states) {
        const entry = present(state) as Partial<Record<string, unknown>>;
        whole.update(`${String(entry[idColumn])} ${hash('sha256', JSON.stringify(entry), 'hex')}\n`);
      }
      count += states.length;
    },
    end: () => ({ count, digest: whole.digest('hex') }),
  };
}
