import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OTHER_PROGRAMS } from './bundleProgram.ts';

/** What the compiled programs depend on. */
const FOLDERS = ['src', 'test/support/eventstoredb'];
const FILES = [
  'package-lock.json',
  'bin/buildConsole.js',
  'test/support/bundleProgram.ts',
  ...Object.values(OTHER_PROGRAMS),
];

/** A hash of the names, sizes and times of the files that the programs are compiled from; `root` ends with a slash. */
export function stateOfSources(root: string): string {
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  const hash = createHash('sha256');
  for (const path of [...sources, ...FILES.map((one) => root + one)].sort()) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** The state that was compiled last, from the file; empty if there is none. */
export const compiledState = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
