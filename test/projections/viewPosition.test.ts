import { expect } from 'chai';
import { systemClock } from '../../src/platform/clock.ts';
import { createViewPosition } from '../../src/projections/following/viewPosition.ts';
import { deferred } from '../support/deferred.ts';
import { manualClock } from '../support/manualClock.ts';

describe('Waiting for a view to reach a position', () => {
  it('ends at its time limit, even if a poll never gets an answer', async () => {
    let looks = 0;
    // A real timer may fire a fraction of a millisecond early, and then there is one more poll.
    const timer = manualClock();
    const wait = (ms: number): Promise<void> => timer.sleep(ms, new AbortController().signal);
    const view = createViewPosition({
      checkpoint: async () => {
        looks += 1;
        return looks === 1 ? null : new Promise<null>(() => undefined);
      },
      clock: { ...systemClock, wait },
      timer,
    });
    expect(await timer.until(view.reaches(7n, 50))).to.equal(false);
    expect(looks).to.equal(2);
    expect(timer.now()).to.equal(50);
  });

  it('polls once if no wait is allowed', async () => {
    let looks = 0;
    const view = createViewPosition({
      checkpoint: async () => {
        looks += 1;
        return null;
      },
      clock: systemClock,
    });
    expect(await view.reaches(7n, 0)).to.equal(false);
    expect(looks).to.equal(1);
  });

  it('rejects if its first poll or a later one does', async () => {
    for (const answered of [0, 1]) {
      const failure = new Error('away');
      let looks = 0;
      const view = createViewPosition({
        checkpoint: async () => {
          looks += 1;
          if (looks > answered) throw failure;
          return null;
        },
        clock: systemClock,
      });
      expect(await view.reaches(7n, 50).catch((error: unknown) => error)).to.equal(failure);
    }
  });
});

describe('The position of a view', () => {
  it('is read once for all concurrent callers', async () => {
    const answer = deferred();
    let looks = 0;
    const view = createViewPosition({
      checkpoint: async () => {
        looks += 1;
        await answer.promise;
        return { position: 9n };
      },
      clock: systemClock,
    });
    const waiting = Array.from({ length: 20 }, (_, n) => view.hasReached(BigInt(n)));
    answer.resolve();
    const reached = await Promise.all(waiting);
    expect(reached.filter(Boolean)).to.have.lengthOf(10);
    expect(looks).to.equal(1);
  });

  it('is polled once for everyone who waits, each with their own time limit', async () => {
    let looks = 0;
    const view = createViewPosition({
      checkpoint: async () => {
        looks += 1;
        return { position: looks < 3 ? 0n : 7n };
      },
      clock: systemClock,
    });
    const waiting = Array.from({ length: 20 }, (_, n) => view.reaches(7n, 10_000 + n));
    const inVain = view.reaches(8n, 1);
    expect(new Set(await Promise.all(waiting))).to.deep.equal(new Set([true]));
    expect(await inVain).to.equal(false);
    expect(looks).to.be.at.most(4);
  });

  it('is not read again if an earlier poll is sufficient', async () => {
    let position = 5n;
    let looks = 0;
    const seen: bigint[] = [];
    const view = createViewPosition({
      checkpoint: async () => {
        looks += 1;
        return { position };
      },
      clock: systemClock,
      onLook: (one) => seen.push(one),
    });
    expect(await view.reaches(5n, 1_000)).to.equal(true);
    expect(await view.reaches(4n, 1_000)).to.equal(true);
    expect(looks).to.equal(1);
    position = 6n;
    expect(await view.reaches(6n, 1_000)).to.equal(true);
    expect(seen.at(-1)).to.equal(6n);
  });

  it('is read again after a failed poll', async () => {
    let isAway = true;
    const view = createViewPosition({
      checkpoint: async () => {
        if (isAway) throw new Error('away');
        return { position: 1n };
      },
      clock: systemClock,
    });
    expect(await view.look().catch(() => 'failed')).to.equal('failed');
    isAway = false;
    expect(await view.look()).to.equal(1n);
  });
});
