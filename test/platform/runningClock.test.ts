import { expect } from 'chai';
import { runningClock } from '../../src/platform/clock.ts';
import { manualClock } from '../support/manualClock.ts';

const never = new AbortController().signal;

describe('The clock of the time in which the process runs', () => {
  it('does not count the time by which a sleep ends late', async () => {
    const machine = manualClock();
    const clock = runningClock(machine);
    const sleeping = clock.sleep(1_000, never);
    machine.advance(61_000);
    await sleeping;
    expect(clock.now()).to.equal(1_000);
    machine.advance(500);
    expect(clock.now()).to.equal(1_500);
  });

  it('never goes back: after a pause, callbacks that run before the sleep ends see when it was due', async () => {
    const machine = manualClock();
    const clock = runningClock(machine);
    const sleeping = clock.sleep(1_000, never);
    machine.advance(61_000);
    expect(clock.now()).to.equal(1_000);
    await sleeping;
    expect(clock.now()).to.equal(1_000);
  });

  it('counts all of a sleep that its signal ends early', async () => {
    const machine = manualClock();
    const clock = runningClock(machine);
    const waking = new AbortController();
    const sleeping = clock.sleep(1_000, waking.signal);
    machine.advance(400);
    waking.abort();
    await sleeping;
    machine.advance(5_000);
    expect(clock.now()).to.equal(5_400);
  });
});
