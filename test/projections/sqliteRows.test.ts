import { readModelInFolder } from '../support/readModels.ts';
import { describeRowStoreContract } from './rowStoreContract.ts';

describeRowStoreContract('SQLite', readModelInFolder);
