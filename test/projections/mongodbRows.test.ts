import type { ReadModel } from '../../src/projections/readModel.ts';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { describeOnMongo, testDatabase } from '../support/mongodb.ts';
import { describeRowStoreContract } from './rowStoreContract.ts';

describeOnMongo('MongoDB', () => {
  describeRowStoreContract(
    'MongoDB',
    async () => {
      const database = testDatabase();
      const opened: ReadModel[] = [];
      const another = async (): Promise<ReadModel> => {
        const readModel = await openMongoReadModel({ url: database.url });
        opened.push(readModel);
        return readModel;
      };
      return {
        readModel: await another(),
        another,
        close: async () => {
          await Promise.all(opened.map((readModel) => readModel.close()));
          await database.drop();
        },
      };
    },
    { runs: 5 },
  );
});
