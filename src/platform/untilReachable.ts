import type { Logger } from 'pino';
import { pauseMs } from './backoff.ts';
import { isRefusal, isUnreachable } from './storeError.ts';
import { monotonicClock } from './clock.ts';

/** Starts soon after the store does, and does not load one that is starting. */
const PAUSE_MS = { minMs: 100, maxMs: 5_000 };

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
      if (!isUnreachable(error) || isRefusal(error)) throw error;
      if (failures === 0) {
        logger.warn(
          { store: name, reason: error.message },
          `waiting for ${name}: every request gets 503 until it answers`,
        );
      }
    }
    await monotonicClock.sleep(pauseMs(failures, PAUSE_MS), signal);
  }
  return null;
}
