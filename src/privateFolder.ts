import { mkdirSync } from 'node:fs';

/**
 * Makes a folder that is missing, and those above it, open to this user only (mode 0700): personal data and secrets go there. A folder
 * that is there already stays as it is: whoever made it has decided who may read it.
 */
export const makePrivateFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
};
