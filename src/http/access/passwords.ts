import bcrypt from 'bcrypt';
import type { Deadline } from '../../platform/deadline.ts';
import { createSemaphore } from '../../platform/concurrency/semaphore.ts';
import { RequestError } from '../errors/errors.ts';

/** bcrypt's cost factor: about 250 ms per hash, on the thread pool. */
const COST = 12;

/** Half of the thread pool, so that other work need not wait for passwords. */
const MAX_AT_ONCE = 2;

const hashing = createSemaphore(MAX_AT_ONCE);

/** Passwords being hashed and waiting. */
export interface HashQueue {
  running: number;
  waiting: number;
}

/** The present queue of this process. */
export const hashQueue = (): HashQueue => hashing.load();

/**
 * The bcrypt hash of a password of at most 72 bytes. Does not block the event loop; at most two are
 * computed at a time in this process. Throws `unavailable`, without hashing, if the deadline has
 * passed by then.
 */
export const hashPassword = (clear: string, deadline?: Deadline): Promise<string> =>
  hashing.run(async () => {
    if (deadline && deadline.remainingMs() <= 0) throw new RequestError('unavailable');
    return bcrypt.hash(clear, COST);
  });
