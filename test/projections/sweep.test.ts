import { expect } from 'chai';
import { NO_VIEW_RECORD, withRebuild, type ViewRecord } from '../../src/projections/record/viewRecord.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { sweepGenerations } from '../../src/projections/maintaining/sweep.ts';

const USERS = { name: 'users', version: 1 };

/** Which of these generations a sweep by this record removes. */
async function sweptBy(control: ViewRecord, generations: number[]): Promise<number[]> {
  const dropped: number[] = [];
  const readModel = {
    generations: async () => generations,
    drop: async (...[, generation]: Parameters<ReadModel['drop']>) => {
      dropped.push(generation);
    },
  } as unknown as ReadModel;
  await sweepGenerations(readModel, USERS, control);
  return dropped;
}

describe('The sweep of generations', () => {
  it('removes generations that are neither current nor previous nor being built', async () => {
    const control = withRebuild({ ...NO_VIEW_RECORD, live: 4, kept: 2, newest: 5 }, USERS, 'now')!;
    expect(await sweptBy(control, [1, 2, 3, 4, 5, 6])).to.deep.equal([1, 3, 5]);
  });

  it('leaves generations that are newer than the record it read, which another holder may have begun', async () => {
    expect(await sweptBy({ ...NO_VIEW_RECORD, live: 4, newest: 4 }, [3, 4, 5, 6])).to.deep.equal([3]);
  });
});
