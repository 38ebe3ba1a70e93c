import { expect } from 'chai';
import type { Report } from '../../src/projections/record/followerStatus.ts';
import { NO_VIEW_RECORD, withRebuild } from '../../src/projections/record/viewRecord.ts';
import { eventually } from '../support/eventually.ts';
import { aLease, given, leadership, type Leadership } from './support/leadership.ts';

describe('An instance that waits for a lease', () => {
  let scene: Leadership;

  beforeEach(() => {
    scene = leadership();
  });
  afterEach(() => scene.stop());

  it('reports a view that another instance maintains by its checkpoint', async () => {
    const one = scene.start(given());
    scene.head = 10n;
    scene.checkpoint = 4n;
    await scene.look();
    expect(one.status()).to.deep.equal({ state: 'catching-up', position: 4n, lastError: null });
    scene.checkpoint = 10n;
    await scene.look();
    expect(one.status()).to.deep.equal({ state: 'live', position: 10n, lastError: null });
    scene.head = 12n;
    await scene.look();
    expect(one.status().state, 'on the way').to.equal('live');
  });

  for (const report of [
    { state: 'paused', lastError: 'upgrade this instance', needs: 'upgrade' },
    { state: 'stalled', lastError: 'the event store does not answer' },
  ] satisfies Report[]) {
    it(`reports a view as ${report.state}, with the reason, when its maintainer does`, async () => {
      const one = scene.start(given());
      [scene.head, scene.checkpoint] = [10n, 4n];
      scene.record = { ...NO_VIEW_RECORD, live: 1, newest: 1, report };
      await scene.look();
      expect(one.status()).to.deep.equal({ ...report, position: 4n });
    });
  }

  it('reports a first build from its job, even while it makes no progress', async () => {
    const one = scene.start(given());
    scene.head = 10n;
    scene.record = withRebuild(NO_VIEW_RECORD, { name: 'people', version: 1 }, 'now')!;
    for (let looks = 0; looks < 10; looks += 1) await scene.look();
    expect(one.status()).to.deep.equal({ state: 'catching-up', position: null, lastError: null });
    const report: Report = { state: 'paused', lastError: 'upgrade this instance', needs: 'upgrade' };
    scene.record = { ...scene.record, report };
    await scene.look();
    expect(one.status()).to.deep.equal({ ...report, position: null });
  });

  it('reports a view that is behind and does not move as stalled, whatever was reported before', async () => {
    const one = scene.start(given());
    [scene.head, scene.checkpoint] = [10n, 4n];
    scene.record = { ...NO_VIEW_RECORD, live: 1, newest: 1, report: { state: 'live', lastError: null } };
    for (let looks = 0; looks < 7; looks += 1) await scene.look();
    expect(one.status().state).to.equal('stalled');
    scene.checkpoint = 5n;
    await scene.look();
    expect(one.status()).to.deep.equal({ state: 'live', position: 5n, lastError: null });
  });

  it('reports why it cannot read the state, at the last known position', async () => {
    const one = scene.start(given());
    [scene.head, scene.checkpoint] = [10n, 4n];
    await scene.look();
    scene.checkpoint = 'away';
    await scene.look();
    const lastError = 'the read model does not answer';
    expect(one.status()).to.deep.equal({ state: 'stalled', position: 4n, lastError });
  });

  it('reports what its own projection last did after it has lost the lease, then what it sees', async () => {
    const { lease, lose, released } = aLease();
    const one = scene.start(given(lease));
    await eventually('it runs', () => scene.running === 1);
    await scene.passTime(3_000);
    expect(scene.looks, 'nothing is read of a view that it maintains').to.equal(0);
    const last = { state: 'paused', position: 7n, lastError: 'a key is missing', needs: 'key' } as const;
    scene.status = last;
    lose();
    await eventually('it has stopped', () => released());
    scene.status = { state: 'live', position: 9n, lastError: null };
    expect(one.status()).to.deep.equal(last);
    [scene.head, scene.checkpoint] = [10n, 10n];
    await scene.look();
    expect(one.status()).to.deep.equal({ state: 'live', position: 10n, lastError: null });
  });

  it('reports the state in the record while the event store does not answer', async () => {
    const one = scene.start(given());
    scene.head = 'away';
    scene.checkpoint = 4n;
    scene.record = { ...scene.record, report: { state: 'live', lastError: null } };
    await scene.look();
    expect(one.status()).to.deep.equal({ state: 'live', position: 4n, lastError: null });
  });
});
