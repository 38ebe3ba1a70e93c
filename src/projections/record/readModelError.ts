import { StoreError } from '../../platform/storeError.ts';

/** The read model did not answer; a retry is safe. */
export class ReadModelError extends StoreError {}

/** The read model refuses a call for good. The message tells the operator the cause and what to do. */
export class ReadModelRefusedError extends ReadModelError {
  override readonly isRefusal = true;
}

/** A generation was dropped, or has not been begun: read the view's record again. */
export class GoneGenerationError extends ReadModelError {
  constructor(view: string, generation: number) {
    super(`the view ${view} has no generation ${generation}`);
  }
}

/** What `opening` resolves with; null if the generation is gone. */
export const unlessGone = async <T>(opening: Promise<T>): Promise<T | null> => {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof GoneGenerationError) return null;
    throw error;
  }
};

/** A view's data is damaged: a retry does not help, a rebuild does. */
export class DamagedViewError extends ReadModelError {}

/** A stored record in a format that this padron does not know: a newer one wrote it. */
export class UnknownRecordError extends ReadModelError {
  constructor(what: string) {
    super(`${what} has a format that this padron does not know: upgrade this instance`);
  }
}
