import { createHash, hash } from 'node:crypto';
import type { RollKind } from '../rollKinds.ts';

/** The proof of a named roll. */
export interface RollDigest {
  count: number;
  /** SHA-256 in lower-case hexadecimal. */
  digest: string;
  /** Entries whose people were erased since: counted, and represented by the hashes taken before. */
  erased: number;
}

/** The hashes of entries whose people were erased since the roll was fixed, by id. */
export type ErasedHashes = Readonly<Record<number, string>>;

/** A digest in progress. */
export interface DigestUnderWay<State> {
  /** Adds a subject's state on the roll, in id order; null: not on the roll, or erased since. */
  add(id: number, state: State | null): void;
  end(): RollDigest;
}

/**
 * The digest of a roll: SHA-256 over one line per entry, by id: its id, a space, the SHA-256 of the
 * entry as a line of NDJSON without its line end, and a line feed. The hashes of single entries keep
 * a roll provable after some of them were erased.
 */
export function createDigest<State extends object>(
  kind: RollKind<State>,
  erasedHashes: ErasedHashes = {},
): DigestUnderWay<State> {
  const whole = createHash('sha256');
  let [count, erased] = [0, 0];
  return {
    add(id, state) {
      const kept = state === null ? erasedHashes[id] : undefined;
      const ownHash = state === null ? kept : entryHash(kind, state);
      if (ownHash === undefined) return;
      whole.update(`${id} ${ownHash}\n`);
      count += 1;
      if (kept !== undefined) erased += 1;
    },
    end: () => ({ count, digest: whole.digest('hex'), erased }),
  };
}

/** The SHA-256 of an entry as a line of NDJSON, without the line's end. */
export const entryHash = <State extends object>(
  { present }: Pick<RollKind<State>, 'present'>,
  state: State,
): string => hash('sha256', JSON.stringify(present(state)), 'hex');
