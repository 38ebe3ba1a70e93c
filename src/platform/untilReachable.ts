import type { Logger } from 'pino';
import { isUnreachable } from './storeError.ts';
import { monotonicClock } from './clock.ts';

const FIRST_PAUSE_MS = 100;
/**
 * Short enough to start soon after the store does, long enough not to load one that is starting.
 */
const MAX_PAUSE_MS = 5_000;

/**
 * Retries until the store answers, without a limit. Logs the first failure and the success.
 * Resolves with null if the signal aborts. Rejects with other errors and with refusals, because a
 * retry does not fix a wrong setting.
 */
export async function untilReachable<T>(
  name: string,
  attempt: () => Promise<T>,
  { logger, signal }: { logger: Pick<Logger, 'info' | 'warn'>; signal: AbortSignal },
): Promise<T | null> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const answer = await attempt();
      if (failures > 0) logger.info({ store: name }, `${name} is reachable`);
      return answer;
    } catch (error) {
      if (!isUnreachable(error) || error.isRefusal) throw error;
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
