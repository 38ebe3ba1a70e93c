import { expect } from 'chai';
import { createSemaphore } from '../../src/platform/concurrency/semaphore.ts';
import { deferred } from '../support/deferred.ts';

describe('A semaphore', () => {
  it('runs up to its limit of jobs at a time, and the others in order', async () => {
    const semaphore = createSemaphore(2);
    const ends = Array.from({ length: 5 }, deferred);
    const started: number[] = [];
    const all = ends.map(({ promise }, index) =>
      semaphore.run(async () => {
        started.push(index);
        await promise;
        return index;
      }),
    );
    await new Promise(setImmediate);
    expect(started).to.deep.equal([0, 1]);
    ends[1]?.resolve();
    await all[1];
    await new Promise(setImmediate);
    expect(started).to.deep.equal([0, 1, 2]);
    for (const { resolve } of ends) resolve();
    expect(await Promise.all(all)).to.deep.equal([0, 1, 2, 3, 4]);
    expect(started).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('passes its place on when a job fails', async () => {
    const semaphore = createSemaphore(1);
    const failing = semaphore.run(() => Promise.reject(new Error('no')));
    const next = semaphore.run(() => Promise.resolve('next'));
    expect(await failing.catch((error: unknown) => (error as Error).message)).to.equal('no');
    expect(await next).to.equal('next');
    expect(await semaphore.run(() => Promise.resolve('later'))).to.equal('later');
  });
});
