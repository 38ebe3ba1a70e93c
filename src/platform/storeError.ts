import { PadronError } from './padronError.ts';

/**
 * A store did not do what it was asked for. Its kinds are EventStoreError, ReadModelError and LeaseError,
 * and MongoFailure within a store on MongoDB.
 */
export abstract class StoreError extends PadronError {
  /** Whether the store refuses for good: waiting does not help, its message says what does. */
  readonly isRefusal: boolean = false;
}

/**
 * Whether a store did not do its work: trying again may help, after a refusal once an operator has
 * changed something.
 */
export const isUnreachable = (error: unknown): error is StoreError => error instanceof StoreError;

/** Whether a store refused a call (see StoreError.isRefusal). */
export const isRefusal = (error: unknown): error is StoreError & { isRefusal: true } =>
  isUnreachable(error) && error.isRefusal;
