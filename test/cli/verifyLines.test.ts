import { expect } from 'chai';
import { progressLine, resultLine } from '../../src/cli/output/verifyLines.ts';
import { eventually } from '../support/eventually.ts';

const WHOLE = { isWhole: true, subjects: 8, events: 20, differences: 0, repaired: 0 };
const CUT = { ...WHOLE, isWhole: false };

describe('The one-line result of a verification', () => {
  it('summarises what was compared and found', () => {
    expect(resultLine(WHOLE, false)).to.equal('8 subjects, 20 events: no differences');
    expect(resultLine({ ...WHOLE, differences: 1 }, false)).to.equal('8 subjects, 20 events: 1 difference');
    expect(resultLine({ ...WHOLE, differences: 3, repaired: 2 }, true)).to.equal(
      '8 subjects, 20 events: 3 differences, 2 repaired',
    );
  });

  it('never says «no differences» after a partial verification', () => {
    expect(resultLine(CUT, false)).to.equal(
      'interrupted after 8 subjects, 20 events: no difference found so far',
    );
    expect(resultLine({ ...CUT, differences: 2, repaired: 1 }, true)).to.equal(
      'interrupted after 8 subjects, 20 events: 2 differences so far, 1 repaired',
    );
  });
});

describe('The one-line progress of a verification', () => {
  it('shows 100.0 % only at the end, and says that it counts what was read', async () => {
    let written = '';
    const write = (text: string): boolean => (written += text) !== '';
    const line = progressLine({ isTTY: true, write } as unknown as NodeJS.WriteStream, false);
    await eventually('it is time for a line', () => {
      line.show({ processed: 1_234, share: 0.99996 });
      return written !== '';
    });
    expect(written).to.contain('99.9 %, 1234 events read, ');
  });
});
