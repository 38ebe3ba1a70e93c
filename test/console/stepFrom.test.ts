import { expect } from 'chai';
import { stepFrom } from '../../src/console/screens/person/timeline/stepFrom.ts';

const entriesOf = (...revisions: number[]): { revision: number }[] =>
  revisions.map((revision) => ({ revision }));

describe('A step through the revisions', () => {
  const whole = { entries: entriesOf(5, 4, 3, 2, 1, 0), hasMore: false };

  it('leads to the neighbour in the timeline', () => {
    expect(stepFrom(3, 'older', whole)).to.equal(2);
    expect(stepFrom(3, 'newer', whole)).to.equal(4);
  });

  it('leads nowhere beyond either end', () => {
    expect(stepFrom(0, 'older', whole)).to.equal(null);
    expect(stepFrom(5, 'newer', whole)).to.equal(null);
  });

  it('skips revisions that the past of one field does not have', () => {
    const field = { entries: entriesOf(9, 4, 1), hasMore: false };
    expect(stepFrom(9, 'older', field)).to.equal(4);
    expect(stepFrom(1, 'newer', field)).to.equal(4);
    expect(stepFrom(6, 'older', field)).to.equal(4);
    expect(stepFrom(6, 'newer', field)).to.equal(9);
    expect(stepFrom(1, 'older', field)).to.equal(null);
  });

  it('goes by number where the timeline has not been read that far', () => {
    const begun = { entries: entriesOf(99, 98, 97), hasMore: true };
    expect(stepFrom(97, 'older', begun)).to.equal(96);
    expect(stepFrom(50, 'older', begun)).to.equal(49);
    expect(stepFrom(50, 'newer', begun)).to.equal(51);
    expect(stepFrom(96, 'newer', begun)).to.equal(97);
    expect(stepFrom(0, 'older', begun)).to.equal(null);
  });

  it('goes by the timeline within what has been read of it', () => {
    const begun = { entries: entriesOf(99, 95, 90), hasMore: true };
    expect(stepFrom(95, 'older', begun)).to.equal(90);
    expect(stepFrom(90, 'newer', begun)).to.equal(95);
    expect(stepFrom(99, 'newer', begun)).to.equal(null);
  });

  it('goes by number while nothing has been read, and nowhere in an empty timeline', () => {
    expect(stepFrom(7, 'older', { entries: [], hasMore: true })).to.equal(6);
    expect(stepFrom(7, 'newer', { entries: [], hasMore: true })).to.equal(8);
    expect(stepFrom(7, 'older', { entries: [], hasMore: false })).to.equal(null);
  });
});
