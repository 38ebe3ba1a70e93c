import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startCompiledThreads } from '../../src/embedded/workerThread.ts';
import { bundleProgram, DIES_AT_WRITE } from './bundleProgram.ts';
import { compiledState, stateOfSources } from './compiledState.ts';
import { leftOut } from './leftOut.ts';

const { resolve } = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** As deep as dist: the program reads package.json by a relative path. */
const COMPILED = `${ROOT}.compiled/`;
/** Holds the folder of the compiled program for the processes that run test files. */
const MARK = 'PADRON_TEST_COMPILED';

// In a process that mocha has started for test files.
if (process.env[MARK]) startCompiledThreads(process.env[MARK]);

/**
 * What starts padron in a process of its own: `node …these, command`. In a run of the tests, which starts some hundred processes, the
 * program compiled and bundled (a third of a second each instead of one); the sources where a test is run by other means.
 */
export const programArgs = (): string[] => {
  const compiled = process.env[MARK];
  return compiled ? [`${compiled}cli/main.js`] : ['--import', resolve('tsx'), `${ROOT}src/cli/main.ts`];
};

/** The same for the program that ends at a chosen write. */
export const dyingProgramArgs = (): string[] => {
  const compiled = process.env[MARK];
  return compiled ? [`${compiled}dieAtWrite.js`] : ['--import', resolve('tsx'), `${ROOT}${DIES_AT_WRITE}`];
};

/** Compiles what the tests start before the first test file is loaded (see .mocharc.json), unless it is compiled already. */
export async function mochaGlobalSetup(): Promise<void> {
  const stamp = `${COMPILED}state`;
  const state = stateOfSources(ROOT);
  if (compiledState(stamp) !== state) {
    rmSync(stamp, { force: true });
    await Promise.all([
      bundleProgram(ROOT, COMPILED),
      promisify(execFile)(process.execPath, ['bin/buildConsole.js', `${COMPILED}console`], { cwd: ROOT }),
    ]);
    writeFileSync(stamp, state);
  }
  process.env[MARK] = COMPILED;
  startCompiledThreads(COMPILED);
}

/** Ends the output with what this run left out. */
export function mochaGlobalTeardown(): void {
  for (const line of leftOut()) console.log(line);
}
