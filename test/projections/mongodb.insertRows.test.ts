import { expect } from 'chai';
import { Long, MongoBulkWriteError, type BulkWriteResult, type Collection } from 'mongodb';
import { insertRows, type StoredRow } from '../../src/projections/stores/mongodb/rows/rows.ts';

/** A collection that only inserts, and the commands that it got. */
function collectionWith(positions: readonly number[], { stopsAtFirst = false } = {}) {
  const stored = new Set(positions);
  const commands: number[][] = [];
  const collection = {
    async insertMany(rows: readonly StoredRow[]) {
      const asked = rows.map(({ _id }) => Long.fromValue(_id).toNumber());
      commands.push(asked);
      const errors: { index: number; code: number }[] = [];
      let insertedCount = 0;
      for (const [index, position] of asked.entries()) {
        if (stored.has(position)) errors.push({ index, code: 11000 });
        else {
          stored.add(position);
          insertedCount += 1;
        }
        if (stopsAtFirst && errors.length > 0) break;
      }
      if (errors.length === 0) return;
      const result = { insertedCount, getWriteConcernError: () => undefined } as unknown as BulkWriteResult;
      throw new MongoBulkWriteError({ message: 'E11000', code: 11000, writeErrors: errors as never }, result);
    },
  } as unknown as Collection<StoredRow>;
  return { collection, stored, commands };
}

const rowsAt = (positions: readonly number[]) =>
  positions.map((position) => ({ position: BigInt(position), at: 0, keys: [], json: '{}' }));

describe('Rows that another holder of the lease has begun to insert', () => {
  const wanted = [1, 2, 3, 4, 5, 6];

  it('cost one command, and no search of the whole collection', async () => {
    const { collection, stored, commands } = collectionWith([2, 4, 5]);
    await insertRows({ collection, maxTimeMS: 1_000 }, rowsAt(wanted));
    expect([...stored].sort()).to.deep.equal(wanted);
    expect(commands).to.have.length(1);
  });

  it('are all there afterwards, even on a server that stops at the first one that exists', async () => {
    for (const others of [[], [1], [6], [2, 4, 5], wanted]) {
      const { collection, stored } = collectionWith(others, { stopsAtFirst: true });
      await insertRows({ collection, maxTimeMS: 1_000 }, rowsAt(wanted));
      expect([...stored].sort()).to.deep.equal(wanted);
    }
  });
});
