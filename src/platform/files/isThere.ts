import { statSync } from 'node:fs';

/** Whether a file or folder exists. Throws if the disk cannot say: unlike existsSync, which then takes it for missing. */
export const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;
