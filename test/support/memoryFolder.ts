import { mkdtempSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** A file system in memory on most Linux systems. */
const IN_MEMORY = '/dev/shm';
/** Several times what a test run needs at any moment. */
const MIN_FREE_BYTES = 1024 ** 3;

/** A new folder in memory for the files of tests, which need not survive a power cut; null if there is not enough memory. */
export function folderInMemory(): string | null {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize < MIN_FREE_BYTES ? null : mkdtempSync(join(IN_MEMORY, 'padron-tests-'));
  } catch {
    return null;
  }
}
