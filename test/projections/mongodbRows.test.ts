import { describeOnMongo } from '../support/mongodb.ts';
import { readModelInDatabase } from '../support/readModels.ts';
import { describeRowStoreContract } from './rowStoreContract.ts';

describeOnMongo('MongoDB', () => {
  describeRowStoreContract('MongoDB', readModelInDatabase, { runs: 5 });
});
