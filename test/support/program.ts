import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startCompiledThreads } from '../../src/embedded/threads/workerThread.ts';
import { bundleProgram, OTHER_PROGRAMS } from './bundleProgram.ts';
import { compiledState, stateOfSources } from './compiledState.ts';
import { leftOut } from './leftOut.ts';
import { isLong } from './long.ts';
import { folderInMemory } from './memoryFolder.ts';

const { resolve } = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** As deep as dist, because the program reads package.json by a relative path. */
const COMPILED = `${ROOT}.compiled/`;
/** Names the folder of the compiled program to the processes that run test files. */
const MARK = 'PADRON_TEST_COMPILED';
/** Holds the folder in memory for the files of these processes. */
const MEMORY = 'PADRON_TEST_MEMORY';

// In a process that mocha has started for test files.
if (process.env[MARK]) startCompiledThreads(process.env[MARK]);
// Set here, where tsx is loaded: its cache of compiled files stays on the disk for the next run.
if (process.env[MEMORY]) process.env['TMPDIR'] = process.env[MEMORY];

/** A program to start in a process of its own: `node …execArgv file`. */
export interface Program {
  file: string;
  execArgv: string[];
}

/**
 * How to start padron or another program in a process of its own. Test runs start some hundred processes, so they use the compiled and
 * bundled program, which starts in a third of a second instead of one; without mocha's set-up it is the sources.
 */
export function programOf(name: 'padron' | keyof typeof OTHER_PROGRAMS): Program {
  const compiled = process.env[MARK];
  if (compiled) return { file: `${compiled}${name === 'padron' ? 'cli/main' : name}.js`, execArgv: [] };
  const source = name === 'padron' ? 'src/cli/main.ts' : OTHER_PROGRAMS[name];
  return { file: ROOT + source, execArgv: ['--import', resolve('tsx')] };
}

/** The arguments that start padron: `node …these, command`. */
export const programArgs = (): string[] => argsOf(programOf('padron'));

/** The same for the program that ends at a chosen write. */
export const dyingProgramArgs = (): string[] => argsOf(programOf('dieAtWrite'));

const argsOf = ({ file, execArgv }: Program): string[] => [...execArgv, file];

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
  // On a disk, half of the time of a run would be waits for it. Long runs are on a disk, as in production.
  memory = isLong || process.env['TMPDIR'] ? null : folderInMemory();
  if (memory !== null) process.env[MEMORY] = memory;
}

/** The folder of this run's temporary files if they are in memory, otherwise null. */
let memory: string | null = null;

/** Removes this run's files in memory, and ends the output with what the run skipped. */
export function mochaGlobalTeardown(): void {
  if (memory !== null) rmSync(memory, { recursive: true, force: true });
  for (const line of leftOut()) console.log(line);
}
