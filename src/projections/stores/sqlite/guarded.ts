import { ReadModelError } from '../../readModel.ts';

/** Runs `work` on a view's file; what SQLite throws becomes the port's error. */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new ReadModelError('the read model did not answer', { cause });
  }
}
