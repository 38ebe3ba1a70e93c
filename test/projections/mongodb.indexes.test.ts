import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { MongoClient, MongoNetworkTimeoutError } from 'mongodb';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { indexRows } from '../../src/projections/stores/mongodb/rows/rows.ts';
import { itLong } from '../support/long.ts';
import { describeOnMongo, testDatabase } from '../support/mongodb.ts';
import { PEOPLE } from './contract/examples.ts';

describe('The indexes of rows on a MongoDB that takes minutes for them', () => {
  itLong('are waited for as long as the server answers, however many calls that takes', async () => {
    let calls = 0;
    let pings = 0;
    const collection = {
      createIndex: async () => {
        calls += 1;
        if (calls > 2) return 'there';
        // The socket's limit ends each call; the server goes on.
        await pause(6_500);
        throw new MongoNetworkTimeoutError('connection timed out');
      },
    };
    const db = { command: async () => void (pings += 1) };
    const shares: number[] = [];
    await indexRows(
      { db, timeLimitMs: 10_000 } as unknown as Parameters<typeof indexRows>[0],
      collection as unknown as Parameters<typeof indexRows>[1],
      { onProgress: (share) => shares.push(share) },
    );
    expect({ calls, pings, shares }).to.deep.equal({ calls: 4, pings: 2, shares: [0.5, 1] });
  });
});

describeOnMongo('The indexes of documents in a database that was restored without them', () => {
  it('are made again when the generation is opened', async () => {
    const database = testDatabase();
    const readModel = await openMongoReadModel({ url: database.url });
    const client = new MongoClient(database.url);
    try {
      await readModel.open(PEOPLE, 1);
      const [collection] = (await client.db().collections()).filter((one) =>
        one.collectionName.endsWith('_g1'),
      );
      const names = async (): Promise<string[]> =>
        ((await collection?.indexes()) ?? []).map(({ name }) => name ?? '').sort();
      const before = await names();
      await collection?.dropIndexes();
      expect(await names()).not.to.deep.equal(before);
      await readModel.open(PEOPLE, 1, { mustExist: true });
      expect(await names()).to.deep.equal(before);
    } finally {
      await client.close();
      await readModel.close();
      await database.drop();
    }
  });
});
