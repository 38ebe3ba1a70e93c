import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { keysUrlOf } from '../../src/sealing/opening/sealedStore.ts';

const url = process.env['TEST_MONGODB_URL'] ?? '';

if (url === '' && process.env['TEST_EVERYTHING'] !== undefined) {
  throw new Error('TEST_EVERYTHING is set and TEST_MONGODB_URL is not (.ci/mongodb.sh starts a server)');
}

/** `describe` if there is a MongoDB server to test on; otherwise one pending test says what is skipped. */
export const describeOnMongo = (title: string, tests: (this: Mocha.Suite) => void): void => {
  if (url !== '') describe(title, tests);
  else {
    describe(title, () => {
      it('is tried where TEST_MONGODB_URL names a server');
    });
  }
};

export interface TestDatabase {
  /** The connection string with the database's name, in padron's form. */
  url: string;
  /** Drops it, and the one of the keys beside it. */
  drop(): Promise<void>;
}

/** A database for one test. */
export function testDatabase(): TestDatabase {
  const own = new URL(url);
  own.pathname = `/padron-test-${randomUUID().slice(0, 13)}`;
  return {
    url: own.href,
    async drop() {
      for (const one of [own.href, keysUrlOf(own.href)]) {
        const client = new MongoClient(one);
        await client
          .db()
          .dropDatabase()
          .finally(() => client.close());
      }
    },
  };
}
