import { expect } from 'chai';
import { readAhead } from '../../src/platform/concurrency/readAhead.ts';

describe('Reading one item ahead', () => {
  /** Lets everything that waits for no time come to its end. */
  const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /** Yields the items, noting what is read and when it is closed; throws an item that is an Error. */
  async function* noting(notes: string[], items: readonly (string | Error)[]): AsyncGenerator<string> {
    try {
      for (const item of items) {
        if (item instanceof Error) throw item;
        notes.push(`read ${item}`);
        yield item;
      }
    } finally {
      notes.push('closed');
    }
  }

  const options = (notes: string[], mayReadAhead = true) => ({
    mayReadAhead: () => mayReadAhead,
    onNext: (next: string, present: string) => notes.push(`${next} after ${present}`),
    leave: () => notes.push('left'),
  });

  async function worked(
    items: readonly (string | Error)[],
    { mayReadAhead = true, until = '' } = {},
  ): Promise<string[]> {
    const notes: string[] = [];
    try {
      for await (const item of readAhead(noting(notes, items), options(notes, mayReadAhead))) {
        notes.push(`work on ${item}`);
        await rest();
        notes.push(`done with ${item}`);
        if (item === until) break;
      }
    } catch (error) {
      notes.push((error as Error).message);
    }
    return notes;
  }

  it('reads the next item while the caller works on one', async () => {
    expect(await worked(['a', 'b'])).to.deep.equal([
      'read a',
      'read b',
      'b after a',
      'work on a',
      'done with a',
      'closed',
      'work on b',
      'done with b',
      'left',
    ]);
  });

  it('reads the next item only afterwards where it may not read ahead', async () => {
    expect(await worked(['a', 'b'], { mayReadAhead: false })).to.deep.equal([
      'read a',
      'work on a',
      'done with a',
      'read b',
      'work on b',
      'done with b',
      'closed',
      'left',
    ]);
  });

  it('ends and closes the source when the caller leaves', async () => {
    expect((await worked(['a', 'b', 'c'], { until: 'a' })).slice(-3)).to.deep.equal([
      'done with a',
      'left',
      'closed',
    ]);
  });

  it('throws an error of the source where the item would have come', async () => {
    expect((await worked(['a', new Error('no b')])).slice(-4)).to.deep.equal([
      'work on a',
      'done with a',
      'left',
      'no b',
    ]);
  });
});
