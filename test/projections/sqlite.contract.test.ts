import { readModelInFolder } from '../support/readModels.ts';
import { describeReadModelContract } from './readModelContract.ts';

describeReadModelContract('SQLite', readModelInFolder);
