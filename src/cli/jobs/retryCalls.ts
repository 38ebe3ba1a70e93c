import { KeyUnavailableError } from '../../events/eventErrors.ts';
import { pauseMs } from '../../platform/backoff.ts';
import { monotonicClock, type MonotonicClock } from '../../platform/clock.ts';
import { createRetryPolicy, type RetryPolicy } from '../../verify/job/retryWhileUnreachable.ts';
import { CliError } from '../output/exit.ts';

/** On a server with too much to do, a call may take longer than it may; it is tried at most this often. */
export const MAX_TRIES = 5;
const PAUSE_MS = { minMs: 1_000, maxMs: 8_000 };

/**
 * Retries the calls of a command that ends with its work, after pauses, and says so with `say`. Gives
 * up with CliError after MAX_TRIES of one call; at once if waiting does not help.
 */
export const retryCalls = (
  signal: AbortSignal,
  say: (what: string) => void,
  timer: Pick<MonotonicClock, 'sleep'> = monotonicClock,
): RetryPolicy =>
  createRetryPolicy(signal, async (error, failures) => {
    if (error.isRefusal || error instanceof KeyUnavailableError) throw error;
    if (failures >= MAX_TRIES)
      throw new CliError(`a store failed ${failures} times (${error.message}): run this again later`);
    const ms = pauseMs(failures - 1, PAUSE_MS);
    say(`a store failed (${error.message}); trying again in ${(ms / 1_000).toFixed(1)} s`);
    await timer.sleep(ms, signal);
  });
