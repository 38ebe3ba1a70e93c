import { describeOnMongo } from '../support/mongodb.ts';
import { readModelInDatabase } from '../support/readModels.ts';
import { describeReadModelContract } from './readModelContract.ts';

describeOnMongo('MongoDB', () => {
  describeReadModelContract('MongoDB', readModelInDatabase);
});
