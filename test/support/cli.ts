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
  /** Its output so far. */
  output: { stdout: string; stderr: string };
  /** Settles when it has ended. */
  ended: Promise<CliRun>;
}

type Environment = Record<string, string>;

/**
 * Starts `padron <args>` without this process's own configuration. Collects its standard output unless `stdout`, a file descriptor, is
 * given.
 */
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

/** Waits for a process to end, and appends what it prints until then to `output`. */
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

/** The address that a `padron serve` in development mode prints. */
export const urlOf = ({ output }: RunningCli): Promise<string> =>
  eventually('the server listens', () => /^padron (http:\S+)/m.exec(output.stdout)?.[1], 60_000);

/** A command that takes longer is killed, and its exit code is null. */
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
