import bcrypt from 'bcrypt';
import type { Deadline } from '../../platform/deadline.ts';
import { createSemaphore } from '../../platform/semaphore.ts';
import { RequestError } from '../errors/errors.ts';

/** bcrypt's cost factor (contract, section 3): about 250 ms a hash, on the thread pool. */
const COST = 12;

/** Half of the thread pool: what else needs a thread must not wait for passwords. */
const MAX_AT_ONCE = 2;

const hashing = createSemaphore(MAX_AT_ONCE);

/** Passwords that are being hashed, and those that wait for their turn. */
export interface HashQueue {
  running: number;
  waiting: number;
}

/** How long the queue of this process is now. */
export const hashQueue = (): HashQueue => hashing.load();

/**
 * The bcrypt hash of a clear password of at most 72 bytes. Does not block the event loop; at most two are made at a time in this
 * process. Refuses as `unavailable`, without hashing, when the deadline has passed before its turn.
 */
export const hashPassword = (clear: string, deadline?: Deadline): Promise<string> =>
  hashing.run(async () => {
    if (deadline && deadline.remainingMs() <= 0) throw new RequestError('unavailable');
    return bcrypt.hash(clear, COST);
  });
