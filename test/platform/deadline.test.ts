import { expect } from 'chai';
import { createDeadline } from '../../src/platform/deadline.ts';
import { manualClock } from '../support/manualClock.ts';

const settled = (): Promise<void> => new Promise(setImmediate);

describe('a deadline', () => {
  it('counts down on its clock and never below zero', () => {
    const clock = manualClock();
    clock.advance(5_000);
    const deadline = createDeadline(1_000, clock);
    expect(deadline.remainingMs()).to.equal(1_000);
    clock.advance(400);
    expect(deadline.remainingMs()).to.equal(600);
    clock.advance(10_000);
    expect(deadline.remainingMs()).to.equal(0);
  });

  it('aborts its signal when the time is over, not before', async () => {
    const clock = manualClock();
    const deadline = createDeadline(1_000, clock);
    const { signal } = deadline;
    clock.advance(999);
    await settled();
    expect(signal.aborted).to.equal(false);
    clock.advance(1);
    await settled();
    expect(signal.aborted).to.equal(true);
  });

  it('gives an aborted signal to those who ask after its time is over', () => {
    const clock = manualClock();
    const deadline = createDeadline(1_000, clock);
    clock.advance(1_000);
    expect(deadline.signal.aborted).to.equal(true);
  });

  for (const isRead of [true, false]) {
    it(`has no time left once it is cancelled (signal read ${isRead ? 'before' : 'after'})`, () => {
      const deadline = createDeadline(1_000, manualClock());
      const early = isRead ? deadline.signal : null;
      deadline.cancel();
      expect(deadline.remainingMs()).to.equal(0);
      expect((early ?? deadline.signal).aborted).to.equal(true);
    });
  }

  it('waits for nothing once it is released, and does not abort', async () => {
    const clock = manualClock();
    const deadline = createDeadline(1_000, clock);
    const { signal } = deadline;
    await clock.sleeping(1);
    deadline.release();
    clock.advance(2_000);
    await settled();
    expect(signal.aborted).to.equal(false);
  });
});
