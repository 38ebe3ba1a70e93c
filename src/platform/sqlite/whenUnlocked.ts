import { pauseMs } from '../backoff.ts';
import { monotonicClock, type MonotonicClock } from '../clock.ts';
import { isLocked } from './sqliteFailures.ts';

/** How long to wait for a lock if the caller sets no deadline, in milliseconds. */
export const MAX_LOCK_WAIT_MS = 5_000;
const PAUSE_MS = { minMs: 2, maxMs: 25 };

/**
 * Runs `work`, retrying while another connection holds the lock, for at most MAX_LOCK_WAIT_MS; then
 * rejects with SQLite's error. The thread is free between attempts, which SQLite's own waiting
 * would block.
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
    await clock.sleep(lockPauseMs(attempt), NEVER);
  }
}

/** Milliseconds to wait for a lock after this many attempts. */
export const lockPauseMs = (attempts: number): number => pauseMs(attempts, PAUSE_MS);

const NEVER = new AbortController().signal;
