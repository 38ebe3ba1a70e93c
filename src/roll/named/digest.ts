import { createHash, hash } from 'node:crypto';
import type { RollKind } from '../rollKinds.ts';
import type { Batches } from '../rollText.ts';

/** What a named roll is proved by. */
export interface RollDigest {
  count: number;
  /** SHA-256 in lower-case hexadecimal. */
  digest: string;
}

/**
 * The digest of a roll: SHA-256 over one line for each entry, by id, of its id, a space, the SHA-256 of the entry as a line of NDJSON (without the line's
 * end), and a line feed. The entries' own hashes let a roll be proved when one of them was erased.
 */
export async function digestOf<State extends object>(
  { present, idColumn }: RollKind<State>,
  states: Batches<State>,
): Promise<RollDigest> {
  const whole = createHash('sha256');
  let count = 0;
  for await (const batch of states) {
    for (const state of batch) {
      const entry = present(state) as Partial<Record<string, unknown>>;
      whole.update(`${String(entry[idColumn])} ${hash('sha256', JSON.stringify(entry), 'hex')}\n`);
    }
    count += batch.length;
  }
  return { count, digest: whole.digest('hex') };
}
