import { expect } from 'chai';
import { trackProgress, type Tracker } from '../../src/projections/rebuild/jobProgress.ts';

describe('The progress of a job', () => {
  const track = (sealShare = 0): Tracker =>
    trackProgress({ before: 100, from: null, target: 1_000n, startMs: 0, sealShare });

  it('has the rate of the last five seconds, and the remaining time at that rate', () => {
    const one = track();
    one.note({ events: 100, position: 100n }, 1_000);
    expect(one.at(1_000)).to.deep.equal({
      processed: 200,
      share: 0.1,
      eventsPerSecond: 100,
      etaSeconds: 9,
    });
    one.note({ events: 110, position: 110n }, 6_000);
    expect(one.at(6_000)).to.include({ eventsPerSecond: 2 });
  });

  it('has the rate 0 and no remaining time once nothing has moved for five seconds', () => {
    const one = track();
    one.note({ events: 500, position: 500n }, 1_000);
    expect(one.at(5_999).eventsPerSecond).to.be.greaterThan(0);
    expect(one.at(6_000)).to.deep.equal({ processed: 600, share: 0.5, eventsPerSecond: 0, etaSeconds: null });
    expect(one.moves()).to.equal(1);
  });

  it('does not count repeated work as progress', () => {
    const one = track();
    one.note({ events: 500, position: 500n }, 1_000);
    one.note({ events: 500, position: 500n }, 9_000);
    expect(one.at(9_000)).to.include({ eventsPerSecond: 0, etaSeconds: null });
    expect(one.moves()).to.equal(1);
  });

  it('reserves a share of the total for sealing, and counts how far that is', () => {
    const one = track(0.2);
    expect(one.note({ events: 1_000, position: 1_000n }, 1_000).share).to.equal(0.8);
    expect(one.note({ events: 1_000, position: 1_000n, sealed: 0.5 }, 2_000)).to.include({
      share: 0.9,
      processed: 1_100,
    });
    expect(one.note({ events: 1_000, position: 1_000n, sealed: 1 }, 3_000).share).to.equal(0.9999);
  });
});
