import { statSync } from 'node:fs';

/**
 * Whether a file or folder exists; not if a part of its path is a file. Throws if the disk cannot say:
 * unlike existsSync, which then takes it for missing.
 */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw error;
  }
}
