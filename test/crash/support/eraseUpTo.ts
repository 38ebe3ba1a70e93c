import { spawn } from 'node:child_process';
import { endOf, type CliRun } from '../../support/cli.ts';
import { dyingProgramArgs } from '../../support/program.ts';

/** Erases a subject on these stores, and dies at that write; a code of 0 says that there were fewer. */
export function eraseUpTo(step: number, subject: string, stores: Record<string, string>): Promise<CliRun> {
  const args = ['erase', subject, '--reason', 'Request of 12 March', '--yes'];
  const { PATH = '', HOME = '' } = process.env;
  return endOf(
    spawn(process.execPath, [...dyingProgramArgs(), ...args], {
      env: { PATH, HOME, ...stores, TEST_DIE_AT: String(step) },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}
