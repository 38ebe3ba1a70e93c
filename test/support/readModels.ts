import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import type { ReadModelUnderTest } from '../projections/contract/examples.ts';
import { filesWith, newFolder, removeFolder } from './folder.ts';
import { testDatabase } from './mongodb.ts';

/** A read model for one test, in a folder. */
export async function readModelInFolder(): Promise<ReadModelUnderTest> {
  const folder = newFolder();
  const storage = await underTest(
    async () => openSqliteReadModel({ folder }),
    async () => {
      removeFolder(folder);
    },
  );
  return { ...storage, filesWith: (texts) => filesWith(folder, texts) };
}

/** A read model for one test, on the MongoDB server of the tests. */
export async function readModelInDatabase(): Promise<ReadModelUnderTest> {
  const database = testDatabase();
  return underTest(
    () => openMongoReadModel({ url: database.url }),
    () => database.drop(),
  );
}

async function underTest(
  open: () => Promise<ReadModel>,
  remove: () => Promise<void>,
): Promise<ReadModelUnderTest> {
  const opened: ReadModel[] = [];
  const another = async (): Promise<ReadModel> => {
    const readModel = await open();
    opened.push(readModel);
    return readModel;
  };
  return {
    readModel: await another(),
    another,
    close: async () => {
      await Promise.all(opened.map((readModel) => readModel.close()));
      await remove();
    },
  };
}
