import { expect } from 'chai';
import { mock } from 'node:test';
import { timeOrderedId } from '../../src/platform/timeOrderedId.ts';

describe('A time-ordered id', () => {
  afterEach(() => {
    mock.timers.reset();
  });

  const idAt = (now: number): string => {
    mock.timers.reset();
    mock.timers.enable({ apis: ['Date'], now });
    return timeOrderedId();
  };

  it('is a UUID version 7 that begins with the milliseconds', () => {
    // The example of RFC 9562, appendix A.6: 2022-02-22 14:22:22 at UTC-5.
    expect(idAt(0x017f22e279b0)).to.match(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is greater a millisecond later, and different within one', () => {
    const [first, second, later] = [idAt(1_000), idAt(1_000), idAt(1_001)] as [string, string, string];
    expect(first).not.to.equal(second);
    expect(later > first && later > second).to.equal(true);
  });
});
