import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { sharedReads } from '../../src/commands/loading/sharedReads.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

const oldBytes = (): number =>
  getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')!.space_used_size;

const READS = 2_000;
const AT_ONCE = 64;
/** Numbers of eight bytes in each result. */
const RESULT_SIZE = 1_000;

describe('Shared reads', () => {
  it('leave their results to collections of young objects', async () => {
    const reads = sharedReads<number[]>();
    let begun = 0;
    async function result(): Promise<number[]> {
      await new Promise(setImmediate);
      if (begun % AT_ONCE === 0) collect({ type: 'minor' });
      return Array.from({ length: RESULT_SIZE }, (_, i) => i + 0.5);
    }
    async function readAgainAndAgain(until: number): Promise<void> {
      while (begun < until) await reads.read(`persona-${(begun += 1)}`, result, undefined);
    }
    const read = (count: number) => {
      const until = begun + count;
      return Promise.all(Array.from({ length: AT_ONCE }, () => readAgainAndAgain(until)));
    };
    await read(2 * AT_ONCE);
    // Twice: what survives is old then, the table of the reads as well.
    collect();
    collect();
    const before = oldBytes();
    await read(READS);
    expect((oldBytes() - before) / READS, 'bytes of each read').to.be.below(RESULT_SIZE);
  });
});
