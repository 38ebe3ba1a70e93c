import { isDamaged, reasonOf } from '../../../../platform/sqlite/sqliteFailures.ts';
import { whenUnlocked } from '../../../../platform/sqlite/whenUnlocked.ts';
import { DamagedViewError, ReadModelError } from '../../../record/readModelError.ts';

/** Runs calls on one file. SQLite's errors become the port's, with the file's name and the reason. */
export interface Guard {
  /** Waits, without blocking the thread, while another connection holds the file's lock. */
  <T>(work: () => T | Promise<T>): Promise<T>;
  /** Runs it once, synchronously. */
  now<T>(work: () => T): T;
}

/** Called when a view's file turns out to be damaged. */
export type OnDamaged = (error: DamagedViewError) => void;

/** `onDamaged` marks a file as a view's data, damage to which is a DamagedViewError. */
export function guardFor(path: string, onDamaged?: OnDamaged): Guard {
  function failed(cause: unknown): ReadModelError {
    if (cause instanceof ReadModelError) return cause;
    const message = `the read model failed: ${reasonOf(path, cause)}`;
    if (!onDamaged || !isDamaged(cause)) return new ReadModelError(message, { cause });
    const damaged = new DamagedViewError(message, { cause });
    onDamaged(damaged);
    return damaged;
  }

  async function guarded<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await whenUnlocked(work);
    } catch (cause) {
      throw failed(cause);
    }
  }

  function now<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw failed(cause);
    }
  }

  return Object.assign(guarded, { now });
}
