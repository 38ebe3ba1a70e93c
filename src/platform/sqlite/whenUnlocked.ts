import { monotonicClock, type MonotonicClock } from '../monotonicClock.ts';
import { isLocked } from './sqliteFailures.ts';

/** How long a lock is waited for where the caller sets no deadline, in milliseconds. */
export const MAX_LOCK_WAIT_MS = 5_000;
const MIN_PAUSE_MS = 2;
const MAX_PAUSE_MS = 25;

/**
 * Runs `work`, again and again while another connection holds the lock that it needs, at most for MAX_LOCK_WAIT_MS; then rejects with SQLite's
 * error. Between two attempts the thread is free: SQLite's own waiting would block it.
 */
export async function whenUnlocked<T>(
  work: () => T | Promise<T>,
  clock: MonotonicClock = monotonicClock,
): Promise<T> {
  const end = clock.now() + MAX_LOCK_WAIT_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isLocked(error) || clock.now() >= end) throw error;
    }
    await clock.sleep(pauseMs(attempt), NEVER);
  }
}

/** How long to wait after this many attempts: longer each time, and not in step with others that wait. Milliseconds. */
export const pauseMs = (attempts: number): number =>
  Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** Math.min(attempts, 10)) * (0.5 + Math.random() / 2);

const NEVER = new AbortController().signal;
