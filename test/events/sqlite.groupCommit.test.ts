import { expect } from 'chai';
import { groupCommit } from '../../src/events/stores/sqlite/groupCommit.ts';

describe('Group commit', () => {
  const turn = (): Promise<void> => new Promise(setImmediate);

  it('runs the jobs of one tick of the event loop as one group, each with its own result', async () => {
    const { groups, submit } = recorded();
    expect(await Promise.all([submit(1), submit(2), submit(3)])).to.deep.equal([10, 20, 30]);
    expect(groups).to.deep.equal([[1, 2, 3]]);
  });

  it('includes the jobs of the next ticks as long as each tick brings some', async () => {
    const { groups, submit } = recorded();
    const first = submit(1);
    await turn();
    const second = submit(2);
    await turn();
    const third = submit(3);
    await Promise.all([first, second, third]);
    expect(groups).to.deep.equal([[1, 2, 3]]);
  });

  it('commits at once when no further job arrives', async () => {
    const { groups, submit } = recorded();
    const first = submit(1);
    await turn();
    await turn();
    expect(groups).to.deep.equal([[1]]);
    await first;
  });

  it('does not wait indefinitely if every tick brings more', async () => {
    const { groups, submit } = recorded();
    const all: Promise<number>[] = [];
    for (let job = 1; job <= 20; job += 1) {
      all.push(submit(job));
      await turn();
    }
    await Promise.all(all);
    expect(groups.flat()).to.deep.equal(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(Math.max(...groups.map(({ length }) => length))).to.be.within(2, 6);
  });

  it('does not delay a group that is large enough for a commit', async () => {
    const { groups, submit } = recorded();
    const all = Array.from({ length: 100 }, (_, job) => submit(job));
    await turn();
    expect(groups.map(({ length }) => length)).to.deep.equal([100]);
    await Promise.all(all);
  });

  it('rejects every job of a group that could not be committed, and continues with the next', async () => {
    let works = false;
    const { submit, idle } = groupCommit((jobs: readonly number[]) => {
      if (!works) throw new Error('no room');
      return [...jobs];
    });
    const outcomes = await Promise.allSettled([submit(1), submit(2)]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    works = true;
    expect(await submit(3)).to.equal(3);
    await idle();
  });

  it('is idle once everything submitted is committed', async () => {
    const { groups, submit, idle } = recorded();
    const job = submit(1);
    await idle();
    expect(groups).to.deep.equal([[1]]);
    await job;
  });

  /** A group commit whose groups are taken down; the result of a job is ten times its number. */
  function recorded(): ReturnType<typeof groupCommit<number, number>> & { groups: number[][] } {
    const groups: number[][] = [];
    const commits = groupCommit((jobs: readonly number[]) => {
      groups.push([...jobs]);
      return jobs.map((job) => job * 10);
    });
    return { ...commits, groups };
  }
});
