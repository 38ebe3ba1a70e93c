import { EventStoreError } from '../events/eventStore.ts';
import { ReadModelError } from '../projections/ports/readModel.ts';

/** Whether a store did not answer: a later retry may succeed. */
export const isUnreachable = (error: unknown): error is EventStoreError | ReadModelError =>
  error instanceof EventStoreError || error instanceof ReadModelError;
