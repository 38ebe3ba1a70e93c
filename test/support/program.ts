import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const { resolve } = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMPILED = `${ROOT}dist/cli/main.js`;
/** Set for the processes that run test files, once the program is compiled. */
const MARK = 'PADRON_TEST_COMPILED';

/**
 * What starts padron in a process of its own: `node …these, command`. The compiled program in a whole run of the tests, in which some hundred
 * processes are started (half a second each instead of one); the sources where a file is tried alone.
 */
export const programArgs = (): string[] =>
  process.env[MARK] ? [COMPILED] : ['--import', resolve('tsx'), `${ROOT}src/cli/main.ts`];

/** Compiles what the tests start, once, before the first test file is loaded (see .mocharc.json). */
export async function mochaGlobalSetup(): Promise<void> {
  await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: ROOT });
  process.env[MARK] = '1';
}
