import { expect } from 'chai';
import { beforeDeadline, createDeadline, latestOf } from '../../src/platform/deadline.ts';
import { manualClock } from '../support/manualClock.ts';

const settled = (): Promise<void> => new Promise(setImmediate);

describe('A deadline', () => {
  it('counts down on its clock, never below zero', () => {
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

  it('provides an aborted signal to callers after its time is over', () => {
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

  it('neither waits nor aborts once it is released', async () => {
    const clock = manualClock();
    const deadline = createDeadline(1_000, clock);
    const { signal } = deadline;
    await clock.sleeping(1);
    deadline.release();
    clock.advance(2_000);
    await settled();
    expect(signal.aborted).to.equal(false);
  });

  it('calls back once when the time is over, except callbacks that were withdrawn', async () => {
    const clock = manualClock();
    const deadline = createDeadline(1_000, clock);
    const calls: string[] = [];
    deadline.onOver(() => calls.push('first'));
    const withdraw = deadline.onOver(() => calls.push('withdrawn'));
    deadline.onOver(() => calls.push('last'));
    withdraw();
    clock.advance(999);
    await settled();
    expect(calls).to.deep.equal([]);
    clock.advance(1);
    await settled();
    deadline.cancel();
    expect(calls).to.deep.equal(['first', 'last']);
  });

  it('calls back at once if the time is over or the work was cancelled', () => {
    const clock = manualClock();
    const calls: string[] = [];
    const cancelled = createDeadline(1_000, clock);
    cancelled.cancel();
    cancelled.onOver(() => calls.push('cancelled'));
    const over = createDeadline(1_000, clock);
    clock.advance(1_000);
    over.onOver(() => calls.push('over'));
    expect(calls).to.deep.equal(['cancelled', 'over']);
  });

  it('ends work that is running at its end, and no work that ended before', async () => {
    const clock = manualClock();
    const deadline = createDeadline(1_000, clock);
    const failure = (): Error => new Error('cut off');
    const messageOf = (work: Promise<unknown>): Promise<unknown> =>
      work.catch((error: unknown) => (error as Error).message);
    expect(await beforeDeadline(deadline, Promise.resolve(7), failure)).to.equal(7);
    expect(await messageOf(beforeDeadline(deadline, Promise.reject(new Error('own')), failure))).to.equal(
      'own',
    );
    const cut = messageOf(beforeDeadline(deadline, new Promise(() => undefined), failure));
    clock.advance(1_000);
    expect(await cut).to.equal('cut off');
  });
});

describe('The deadline of work that callers share', () => {
  it('is over when the deadlines of all callers are, and not before', () => {
    const [one, another] = [createDeadline(1_000, manualClock()), createDeadline(2_000, manualClock())];
    const shared = latestOf([one, another]);
    let isOver = false;
    shared.onOver(() => (isOver = true));
    one.cancel();
    expect([isOver, shared.remainingMs()]).to.deep.equal([false, 2_000]);
    another.cancel();
    expect([isOver, shared.signal.aborted, shared.remainingMs()]).to.deep.equal([true, true, 0]);
  });
});
