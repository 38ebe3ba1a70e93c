import { expect } from 'chai';
import { jobLines, progressLine } from '../../src/cli/output/jobLines.ts';
import { percent } from '../../src/cli/output/table.ts';
import { aJob } from '../support/jobs.ts';

describe('A percentage of a job’s progress', () => {
  it('is rounded down, so that 100.0 % means finished', () => {
    const told = [0, 0.0029, 0.29, 0.57, 0.99949, 0.9999, 1].map(percent);
    expect(told).to.deep.equal(['0.0 %', '0.2 %', '29.0 %', '57.0 %', '99.9 %', '99.9 %', '100.0 %']);
  });

  it('is exact for every tenth of a percent', () => {
    for (let tenths = 0; tenths <= 1_000; tenths += 1) {
      expect(percent(tenths / 1_000)).to.equal(`${(tenths / 10).toFixed(1)} %`);
    }
  });
});

describe('The one-line summary of a job', () => {
  it('shows 100.0 % only when the job is done', () => {
    const swapping = aJob({ share: 0.9999, processed: 1_234, eventsPerSecond: 100, etaSeconds: 1 });
    expect(progressLine(swapping)).to.equal(
      'personas-v3-2  99.9 %, 1,234 events read, 100 events/s, ETA 0:01',
    );
    expect(jobLines([swapping])[1]).to.contain('99.9 %');
    expect(progressLine({ ...swapping, state: 'done', share: 1, etaSeconds: null })).to.contain('100.0 %');
  });
});
