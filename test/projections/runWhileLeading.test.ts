import { expect } from 'chai';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import { openSqliteLeases } from '../../src/platform/sqlite/leases.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { aLease, given, leadership, type Leadership, RUNNING } from './support/leadership.ts';

describe('Running a projection under a lease', () => {
  let scene: Leadership;

  beforeEach(() => {
    scene = leadership();
  });
  afterEach(() => scene.stop());

  it('runs it while the lease is held, stops it when the lease is lost, and competes again', async () => {
    const [first, second] = [aLease(), aLease()];
    scene.start(given(first.lease, second.lease));
    await eventually('it runs', () => scene.running === 1);
    first.lose();
    await eventually(
      'the old runner is stopped, and a new one runs',
      () => first.released() && scene.running === 1,
    );
  });

  it('releases the lease when it stops', async () => {
    const { lease: held, released } = aLease();
    const one = scene.start(given(held));
    await eventually('it runs', () => scene.running === 1);
    expect(one.status()).to.deep.equal(RUNNING);
    await one.stop();
    expect(scene.running).to.equal(0);
    expect(released()).to.equal(true);
  });

  it('takes place on one of two instances, and on the other when that stops', async () => {
    const folder = newFolder();
    const [here, there] = [openSqliteLeases({ folder }), openSqliteLeases({ folder, retryMs: 5 })];
    const first = scene.start(here);
    await eventually('the first runs', () => first.status().position === 7n);
    const second = scene.start(there);
    expect(second.status().position).to.equal(null);
    await first.stop();
    await eventually('the second runs', () => second.status().position === 7n);
    expect(scene.running).to.equal(1);
    await second.stop();
    await here.close();
    await there.close();
    removeFolder(folder);
  });

  for (const state of ['stalled', 'paused'] as const) {
    it(`releases the lease when it has been ${state} for some seconds, and competes later than others`, async () => {
      const [first, second] = [aLease(), aLease()];
      scene.start(given(first.lease, second.lease));
      await eventually('it runs', () => scene.running === 1);
      scene.status = { state, position: 7n, lastError: 'out of order' };
      await scene.passTime(4_000);
      expect(first.released(), 'it may be over in a moment').to.equal(false);
      await scene.passTime(1_000);
      await eventually('it has released the lease', () => first.released());
      expect(scene.running).to.equal(0);
      await scene.passTime(2_000);
      expect(scene.running, 'others have time to take it').to.equal(0);
      await scene.passTime(1_000);
      await eventually('it competes again', () => scene.running === 1);
      expect(scene.leaderships).to.deep.equal([1, null, 1]);
    });
  }

  it('holds the lease longer each time no other instance does better, and as long as the view works', async () => {
    const [first, second, third, fourth] = [aLease(), aLease(), aLease(), aLease()];
    scene.start(given(first.lease, second.lease, third.lease, fourth.lease));
    await eventually('it runs', () => scene.running === 1);
    await scene.passTime(60_000);
    expect(first.released(), 'it works').to.equal(false);
    scene.status = { state: 'stalled', position: 7n, lastError: 'out of order' };
    await scene.passTime(9_000);
    await eventually('it runs again', () => scene.running === 1 && first.released());
    await scene.passTime(8_000);
    expect(second.released()).to.equal(false);
    await scene.passTime(6_000);
    await eventually('it runs once more', () => scene.running === 1 && second.released());
    scene.status = RUNNING;
    await scene.passTime(60_000);
    expect(third.released(), 'it works again').to.equal(false);
    scene.status = { state: 'paused', position: 7n, lastError: 'out of order' };
    await scene.passTime(6_000);
    await eventually('as soon as the first time', () => third.released());
  });

  it('holds the lease while this process itself gets no time, whatever the follower reports', async () => {
    const first = aLease();
    scene.start(given(first.lease));
    await eventually('it runs', () => scene.running === 1);
    scene.status = { state: 'stalled', position: 7n, lastError: 'has not moved' };
    for (let late = 0; late < 4; late += 1) {
      await scene.clock.sleeping(1);
      scene.clock.advance(20_000);
      for (let tick = 0; tick < 10; tick += 1) await new Promise(setImmediate);
    }
    expect(first.released()).to.equal(false);
    await scene.passTime(1_000);
    await eventually('it has released the lease', () => first.released());
  });

  it('logs why when the lease store does not answer, and retries', async () => {
    const { lease: held } = aLease();
    const one = scene.start(given(new ReadModelError('nobody there'), held));
    await eventually('it says so', () => one.status().lastError === 'nobody there');
    await scene.clock.sleeping(2);
    scene.clock.advance(499);
    for (let tick = 0; tick < 10; tick += 1) await new Promise(setImmediate);
    expect(scene.running).to.equal(0);
    scene.clock.advance(1);
    await eventually('it runs', () => scene.running === 1);
    expect(one.status()).to.deep.equal(RUNNING);
  });
});
