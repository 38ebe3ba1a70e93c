import { expect } from 'chai';
import { gathered } from '../../src/platform/concurrency/gathered.ts';

describe('Gathered jobs', () => {
  const rounds: (readonly number[])[] = [];
  const doubled = gathered<number, number>(4, async (jobs) => {
    rounds.push(jobs);
    if (jobs.includes(0)) throw new Error('nothing to double');
    return jobs.map((job) => job * 2);
  });

  beforeEach(() => {
    rounds.length = 0;
  });

  it('of calls of the same tick run together, and each call gets its own results', async () => {
    expect(await Promise.all([doubled([1]), doubled([2, 3])])).to.deep.equal([[2], [4, 6]]);
    expect(rounds).to.deep.equal([[1, 2, 3]]);
  });

  it('run at once when there are enough', () => {
    void doubled([1, 2]);
    void doubled([3, 4]);
    expect(rounds).to.deep.equal([[1, 2, 3, 4]]);
  });

  it('of a call with more than enough run together', async () => {
    expect(await doubled([1, 2, 3, 4, 5])).to.deep.equal([2, 4, 6, 8, 10]);
    expect(rounds).to.deep.equal([[1, 2, 3, 4, 5]]);
  });

  it('run again after a round has failed, which fails for all its calls', async () => {
    const both = await Promise.allSettled([doubled([0]), doubled([1])]);
    expect(both.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect(await doubled([7])).to.deep.equal([14]);
  });

  it('are none for a call without jobs', async () => {
    expect(await doubled([])).to.deep.equal([]);
  });
});
