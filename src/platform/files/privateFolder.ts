import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

/**
 * Creates a folder and its missing parents for this user only (mode 0700), because it will hold
 * personal data and secrets. An existing folder keeps its mode.
 */
export const makePrivateFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
};

/**
 * Creates an empty file that only this user can read (mode 0600), unless it exists. SQLite gives
 * its side files the same mode. The file gets its name after its descriptor is closed: closing a
 * descriptor would release SQLite's locks on the file in this process
 * (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
export function makePrivateFile(path: string): void {
  if (existsSync(path)) return;
  const unnamed = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  closeSync(openSync(unnamed, 'wx', 0o600));
  try {
    linkSync(unnamed, path);
  } catch {
    // Another process was first, or the file system has no links: then the umask of the command
    // line applies.
  } finally {
    unlinkSync(unnamed);
  }
}

/** Writes a file that only this user can read, and puts it on disk. */
export function writePrivateFile(
  path: string,
  text: string,
  { ifExists }: { ifExists: 'fail' | 'replace' },
): void {
  const descriptor = openSync(path, ifExists === 'fail' ? 'wx' : 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Puts on disk which files the folder has. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Whether other users of the machine can read or enter this folder; false if it does not exist or
 * the system has no modes.
 */
export function isOpenToOthers(folder: string): boolean {
  if (process.platform === 'win32' || !existsSync(folder)) return false;
  return (statSync(folder).mode & 0o077) !== 0;
}
