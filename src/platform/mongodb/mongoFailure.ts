import { StoreError } from '../storeError.ts';

/** MongoDB did not do what it was asked for. Each store on MongoDB reports it as its own error. */
export class MongoFailure extends StoreError {}

/** MongoDB refuses a call for good. The message tells the operator the cause and what to do. */
export class MongoRefusal extends MongoFailure {
  override readonly isRefusal = true;
}
