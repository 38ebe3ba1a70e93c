import { NO_VIEW_RECORD } from '../../src/projections/record/viewRecord.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { ViewDeclaration } from '../../src/projections/record/viewDeclaration.ts';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { startFaultyProxy, type FaultyProxy } from '../support/faultyProxy.ts';
import { testDatabase, type TestDatabase } from '../support/mongodb.ts';

/** A view that no test is about. */
const SOMEBODY_ELSE: ViewDeclaration = { name: 'somebody-else', version: 1 };

/** How long an operation may take there. The connection gives up a second later. */
const TIME_LIMIT_MS = 2_000;

/** A database of each test of a `describe`, with a read model that reaches it through a proxy, and one that does so directly. */
export function behindFaultyProxy(): {
  database(): TestDatabase;
  proxy(): FaultyProxy;
  readModel(): ReadModel;
  direct(): ReadModel;
  /** Puts another proxy in the place of one that was closed. */
  restart(): Promise<void>;
} {
  let database: TestDatabase;
  let proxy: FaultyProxy;
  let readModel: ReadModel;
  let direct: ReadModel;

  beforeEach(async () => {
    database = testDatabase();
    proxy = await startFaultyProxy(database.url);
    readModel = await openMongoReadModel({ url: proxy.url, timeLimitMs: TIME_LIMIT_MS });
    direct = await openMongoReadModel({ url: database.url });
    // The first write makes the database, which takes a busy server seconds: an answer lost behind that would not be asked for again.
    await direct.controls.replace(SOMEBODY_ELSE, null, NO_VIEW_RECORD);
  });
  afterEach(async () => {
    await readModel.close();
    await direct.close();
    await proxy.close();
    await database.drop();
  });

  return {
    database: () => database,
    proxy: () => proxy,
    readModel: () => readModel,
    direct: () => direct,
    restart: async () => {
      proxy = await startFaultyProxy(database.url);
    },
  };
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it did not reject with an Error');
}
