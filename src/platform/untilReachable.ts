import type { Logger } from 'pino';
import { EventStoreRefusedError } from '../events/eventStore.ts';
import { isUnreachable } from './storeError.ts';
import { monotonicClock } from '../projections/ports/lease.ts';
import { ReadModelRefusedError } from '../projections/ports/readModel.ts';

const FIRST_PAUSE_MS = 100;
/** Short enough to be up soon after the store is, long enough to leave one that is just starting in peace. */
const MAX_PAUSE_MS = 5_000;

/**
 * Tries until the store answers, for as long as it takes, and tells it twice: when the first try failed, and when it is there. Null
 * when the signal aborts first. Rejects with what is no store's silence: a wrong setting does not mend itself.
 */
export async function untilReachable<T>(
  name: string,
  attempt: () => Promise<T>,
  { logger, signal }: { logger: Pick<Logger, 'info' | 'warn'>; signal: AbortSignal },
): Promise<T | null> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const answer = await attempt();
      if (failures > 0) logger.info({ store: name }, `${name} is there`);
      return answer;
    } catch (error) {
      const isRefused = error instanceof EventStoreRefusedError || error instanceof ReadModelRefusedError;
      if (!isUnreachable(error) || isRefused) throw error;
      if (failures === 0) {
        logger.warn(
          { store: name, reason: error.message },
          `waiting for ${name}: every request gets 503 until it answers`,
        );
      }
    }
    const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
    await monotonicClock.sleep(pause * (0.5 + Math.random() / 2), signal);
  }
  return null;
}
