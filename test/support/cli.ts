import { spawn, type ChildProcess } from 'node:child_process';
import { eventually } from './eventually.ts';
import { programArgs } from './program.ts';

export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningCli {
  process: ChildProcess;
  /** What it has printed so far. */
  output: { stdout: string; stderr: string };
  /** Settles when it has ended. */
  ended: Promise<CliRun>;
}

type Environment = Record<string, string>;

/** Starts `padron <args>` with nothing of this process's own configuration. Its standard output is kept, unless it goes to `stdout`, a file descriptor. */
export function startCli(
  args: readonly string[],
  environment: Environment = {},
  stdout: number | 'pipe' = 'pipe',
): RunningCli {
  const { PATH = '', HOME = '', TMPDIR = '' } = process.env;
  const child = spawn(process.execPath, [...programArgs(), ...args], {
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), ...environment },
    stdio: ['pipe', stdout, 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  return { process: child, output, ended: endOf(child, output) };
}

/** Waits for a process's end; what it prints until then is added to `output`. */
export function endOf(child: ChildProcess, output = { stdout: '', stderr: '' }): Promise<CliRun> {
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, ...output });
    });
  });
}

/** Where a `padron serve` in development mode listens, as it says itself. */
export const urlOf = ({ output }: RunningCli): Promise<string> =>
  eventually('the server listens', () => /^padron (http:\S+)/m.exec(output.stdout)?.[1], 60_000);

/** Longest that a command may take; one that hangs is killed, and its exit code is null. */
const MAX_RUN_MS = 60_000;

/** Runs `padron <args>` to its end; `input` goes to its standard input. */
export function runCli(args: readonly string[], environment: Environment = {}, input = ''): Promise<CliRun> {
  const { process: child, ended } = startCli(args, environment);
  const deadline = setTimeout(() => child.kill('SIGKILL'), MAX_RUN_MS);
  child.stdin?.on('error', () => undefined).end(input);
  return ended.finally(() => {
    clearTimeout(deadline);
  });
}
