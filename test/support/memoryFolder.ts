import { mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file system in memory on most Linux systems. */
const IN_MEMORY = '/dev/shm';
const PREFIX = 'padron-tests-';
/** Several times what a test run needs at any moment. */
const MIN_FREE_BYTES = 1024 ** 3;
const DAY_MS = 86_400_000;

/** A new folder in memory for the files of tests, which need not survive a power cut; null if there is not enough memory. */
export function folderInMemory(): string | null {
  try {
    removeOld();
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize < MIN_FREE_BYTES ? null : mkdtempSync(join(IN_MEMORY, PREFIX));
  } catch {
    return null;
  }
}

/** Removes what killed runs left behind; no run takes a day. */
function removeOld(): void {
  for (const name of readdirSync(IN_MEMORY).filter((one) => one.startsWith(PREFIX))) {
    const folder = join(IN_MEMORY, name);
    if (statSync(folder).mtimeMs < Date.now() - DAY_MS) rmSync(folder, { recursive: true, force: true });
  }
}
