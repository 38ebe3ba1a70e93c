import { isDamaged, reasonOf } from '../../../../platform/sqlite/sqliteFailures.ts';
import { whenUnlocked } from '../../../../platform/sqlite/whenUnlocked.ts';
import { DamagedViewError, ReadModelError } from '../../../record/readModelError.ts';

export type Guard = ReturnType<typeof guardFor>;

/** Called when a view's file turns out to be damaged. */
export type OnDamaged = (error: DamagedViewError) => void;

/**
 * Runs calls on one file. SQLite's errors become the port's, with the file's name and the reason.
 * `onDamaged` marks a file as a view's data, damage to which is a DamagedViewError.
 */
export function guardFor(path: string, onDamaged?: OnDamaged) {
  function failed(cause: unknown): ReadModelError {
    if (cause instanceof ReadModelError) return cause;
    const message = `the read model failed: ${reasonOf(path, cause)}`;
    if (!onDamaged || !isDamaged(cause)) return new ReadModelError(message, { cause });
    const damaged = new DamagedViewError(message, { cause });
    onDamaged(damaged);
    return damaged;
  }

  /** Waits, without blocking the thread, while another connection holds the file's lock. */
  async function guarded<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await whenUnlocked(work);
    } catch (cause) {
      throw failed(cause);
    }
  }

  /** Runs it once, synchronously. */
  function now<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw failed(cause);
    }
  }

  return Object.assign(guarded, { now });
}
