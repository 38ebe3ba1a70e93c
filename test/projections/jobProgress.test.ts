import { expect } from 'chai';
import { shareOfBuild, trackProgress } from '../../src/projections/rebuild/jobProgress.ts';

describe('The progress of a job', () => {
  const track = () => trackProgress({ before: 100, startMs: 0 });

  it('has the rate of the last five seconds, and the remaining time at that rate', () => {
    const one = track();
    one.note({ events: 100, share: 0.1 }, 1_000);
    expect(one.at(1_000)).to.deep.equal({
      processed: 200,
      share: 0.1,
      eventsPerSecond: 100,
      etaSeconds: 9,
    });
    one.note({ events: 110, share: 0.11 }, 6_000);
    expect(one.at(6_000)).to.include({ eventsPerSecond: 2 });
  });

  it('has the rate 0 and no remaining time once nothing has moved for five seconds', () => {
    const one = track();
    one.note({ events: 500, share: 0.5 }, 1_000);
    expect(one.at(5_999).eventsPerSecond).to.be.greaterThan(0);
    expect(one.at(6_000)).to.deep.equal({ processed: 600, share: 0.5, eventsPerSecond: 0, etaSeconds: null });
    expect(one.moves()).to.equal(1);
  });

  it('does not count repeated work as progress', () => {
    const one = track();
    one.note({ events: 500, share: 0.5 }, 1_000);
    one.note({ events: 500, share: 0.5 }, 9_000);
    expect(one.at(9_000)).to.include({ eventsPerSecond: 0, etaSeconds: null });
    expect(one.moves()).to.equal(1);
  });

  it('is not complete before its end, even if everything is read and sealed', () => {
    expect(track().note({ events: 1_000, share: 1 }, 1_000)).to.include({ share: 0.9999, processed: 1_100 });
  });

  it('continues at the share of an earlier run', () => {
    const one = trackProgress({ before: 100, share: 0.5, startMs: 0 });
    expect(one.at(0).share).to.equal(0.5);
    expect(one.note({ events: 100, share: 0.75 }, 1_000)).to.include({ share: 0.75, etaSeconds: 1 });
  });
});

describe('The share of a build', () => {
  it('reserves a part for sealing, and counts how far that is', () => {
    expect(shareOfBuild({ position: 500n }, 1_000n)).to.equal(0.4);
    expect(shareOfBuild({ position: 1_000n }, 1_000n)).to.equal(0.8);
    expect(shareOfBuild({ position: 1_000n, sealed: 0.5 }, 1_000n)).to.equal(0.9);
    expect(shareOfBuild({ position: 1_000n, sealed: 1 }, 1_000n)).to.equal(1);
  });

  it('is no more than that of the log if the log has grown since', () => {
    expect(shareOfBuild({ position: 2_000n }, 1_000n)).to.equal(0.8);
  });

  it('has nothing to read in an empty log', () => {
    expect(shareOfBuild({ position: 0n }, null)).to.equal(0);
  });
});
