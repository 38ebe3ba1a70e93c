import bcrypt from 'bcrypt';

/** bcrypt's cost factor (contract, section 3): about 250 ms a hash, on the thread pool. */
const COST = 12;

/** The bcrypt hash of a clear password of at most 72 bytes. Does not block the event loop. */
export const hashPassword = (clear: string): Promise<string> => bcrypt.hash(clear, COST);
