import type { Collection, FindOptions } from 'mongodb';
import { expect } from 'chai';
import { findRows } from '../../src/projections/stores/mongodb/rows/rowSearch.ts';
import type { StoredRow } from '../../src/projections/stores/mongodb/rows/rows.ts';

/** As many rows as a command asks for. */
async function* rowsFor({ limit = 0 }: FindOptions): AsyncGenerator<StoredRow> {
  for (let n = 1; n <= limit; n += 1) yield { _id: n, at: n, keys: ['same'], json: '{}' };
}

describe('A page of rows from MongoDB, without a filter of its contents', () => {
  for (const limit of [1, 50, 500]) {
    it(`is asked for in one command, answered by one batch: ${limit} rows and one more`, async () => {
      const asked: FindOptions[] = [];
      const collection = {
        find(_filter: object, options: FindOptions) {
          asked.push(options);
          return rowsFor(options);
        },
      } as unknown as Collection<StoredRow>;
      const query = { keys: ['same'], accepts: null, from: null, to: null, upTo: 1_000n, after: null };
      const page = await findRows(
        { collection, maxTimeMS: 1_000 },
        { ...query, order: 'asc', limit, scan: 2_000 },
      );
      expect(page.rows).to.have.lengthOf(limit);
      expect(page.next).to.deep.equal({ at: limit, position: BigInt(limit) });
      expect(asked.map(({ limit: most, batchSize }) => ({ most, batchSize }))).to.deep.equal([
        { most: limit + 1, batchSize: limit + 1 },
      ]);
    });
  }
});
