import { expect } from 'chai';
import { resultLine } from '../../src/cli/verifyLines.ts';

const WHOLE = { isWhole: true, subjects: 8, events: 20, differences: 0, mended: 0 };
const CUT = { ...WHOLE, isWhole: false };

describe('The result of a verification in one line', () => {
  it('tells what was compared and found', () => {
    expect(resultLine(WHOLE, false)).to.equal('8 subjects, 20 events: no differences');
    expect(resultLine({ ...WHOLE, differences: 1 }, false)).to.equal('8 subjects, 20 events: 1 difference');
    expect(resultLine({ ...WHOLE, differences: 3, mended: 2 }, true)).to.equal(
      '8 subjects, 20 events: 3 differences, 2 mended',
    );
  });

  it('never says «no differences» of less than the whole', () => {
    expect(resultLine(CUT, false)).to.equal(
      'interrupted after 8 subjects, 20 events: no difference found so far',
    );
    expect(resultLine({ ...CUT, differences: 2, mended: 1 }, true)).to.equal(
      'interrupted after 8 subjects, 20 events: 2 differences so far, 1 mended',
    );
  });
});
