import { expect } from 'chai';
import fc from 'fast-check';
import { createSlots, createTokenBuckets } from '../../src/http/access/tokenBuckets.ts';

describe('Token buckets', () => {
  it('hold one minute of tokens and refill evenly', () => {
    let now = 5_000;
    const buckets = createTokenBuckets(60, () => now);
    for (let n = 0; n < 60; n += 1) expect(buckets.take('a'), `token ${n + 1}`).to.equal(0);
    expect(buckets.take('a')).to.be.closeTo(1_000, 0.01);
    expect(buckets.take('b')).to.equal(0);
    now += 999;
    expect(buckets.take('a')).to.be.closeTo(1, 0.01);
    now += 1;
    expect(buckets.take('a')).to.equal(0);
    expect(buckets.take('a')).to.be.closeTo(1_000, 0.01);
    now += 3_600_000;
    for (let n = 0; n < 60; n += 1) expect(buckets.take('a')).to.equal(0);
    expect(buckets.take('a')).to.be.greaterThan(0);
  });

  it('never allow more than a full bucket and its refill in any period', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), steps, (perMinute, pauses) => {
        let now = 0;
        let taken = 0;
        const buckets = createTokenBuckets(perMinute, () => now);
        for (const pause of pauses) {
          now += pause;
          if (buckets.take('a') === 0) taken += 1;
          expect(taken).to.be.at.most(perMinute + Math.floor((now * perMinute) / 60_000 + 1e-6));
        }
      }),
    );
  });

  it('remember a bounded number of callers', () => {
    const buckets = createTokenBuckets(1, () => 0, 2);
    expect(buckets.take('a')).to.equal(0);
    expect(buckets.take('b')).to.equal(0);
    expect(buckets.take('b')).to.be.greaterThan(0);
    expect(buckets.take('c')).to.equal(0);
    // Forgotten for the two that came later.
    expect(buckets.take('a')).to.equal(0);
  });
});

describe('Slots of a limit on concurrency', () => {
  it('are limited per caller, and are returned once', () => {
    const slots = createSlots(2);
    const first = slots.take('a');
    expect(slots.take('a')).to.be.a('function');
    expect(slots.take('a')).to.equal(null);
    expect(slots.take('b')).to.be.a('function');
    first?.();
    first?.();
    expect(slots.take('a')).to.be.a('function');
    expect(slots.take('a')).to.equal(null);
  });
});
