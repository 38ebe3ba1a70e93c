import { expect } from 'chai';
import { systemClock } from '../../src/platform/clock.ts';
import type { Stretch } from '../../src/projections/ports/documents.ts';
import { createRollReader } from '../../src/roll/reading/readRoll.ts';
import { userRoll } from '../../src/roll/rollKinds.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';

/** A reader of a roll with the ids 1 to `people`, and the stretches of ids that it has asked for. */
function rollOf(people: number) {
  const asked: Stretch[] = [];
  const viewReader = {
    checkpoint: async () => null,
    scan: async () => [],
    async ids({ after, limit }: Stretch) {
      asked.push({ after, limit });
      return Array.from({ length: Math.min(limit, people - after) }, (_, index) => after + 1 + index);
    },
  };
  const store = memoryEventStore(memoryLog());
  return {
    asked,
    ...createRollReader({ kind: userRoll, store, viewReader, clock: systemClock, maxWaitMs: 0 }),
  };
}

const HORIZONS = [{ at: 0, upTo: 1n }];

describe('The ids of a roll that is folded from the events', () => {
  it('are read a thousand at a time for a whole roll, and folded fifty at a time', async () => {
    const roll = rollOf(1_020);
    const batches: number[][] = [];
    for await (const batch of roll.walk(HORIZONS, 0, { isProof: true }))
      batches.push(batch.map(({ id }) => id));
    expect(batches.flat()).to.deep.equal(Array.from({ length: 1_020 }, (_, index) => index + 1));
    expect(Math.max(...batches.map(({ length }) => length))).to.equal(50);
    expect(roll.asked.map(({ after }) => after)).to.deep.equal([0, 1_000]);
  });

  it('are read as a page needs them', async () => {
    const roll = rollOf(1_020);
    for await (const page of roll.walk(HORIZONS, 100, { isProof: true, batch: 21 })) {
      expect(page.map(({ id }) => id)).to.deep.equal(Array.from({ length: 21 }, (_, index) => index + 101));
      break;
    }
    expect(roll.asked).to.deep.equal([{ after: 100, limit: 21 }]);
  });
});
