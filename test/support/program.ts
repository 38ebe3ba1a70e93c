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
/** As deep as dist, because the program reads package.json by a relative path. */
const COMPILED = `${ROOT}.compiled/`;
/** Names the folder of the compiled program to the processes that run test files. */
const MARK = 'PADRON_TEST_COMPILED';

// In a process that mocha has started for test files.
if (process.env[MARK]) startCompiledThreads(process.env[MARK]);

/**
 * The arguments that start padron in a process of its own: `node …these, command`. Test runs start some hundred processes, so they use the
 * compiled and bundled program, which starts in a third of a second instead of one; without mocha's set-up it is the sources.
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

/** Compiles the program before the first test file is loaded (see .mocharc.json), unless it is already compiled. */
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

/** Ends the output with what this run skipped. */
export function mochaGlobalTeardown(): void {
  for (const line of leftOut()) console.log(line);
}
