import { StoreError } from '../../platform/storeError.ts';

/** The read model did not answer; a retry is safe. */
export class ReadModelError extends StoreError {}

/**
 * The read model refuses a call for good: waiting does not help. The message tells the operator the
 * cause and what to do.
 */
export class ReadModelRefusedError extends ReadModelError {
  override readonly isRefusal = true;
}

/** A view's data is damaged: a retry does not help, a rebuild does. */
export class DamagedViewError extends ReadModelError {}
