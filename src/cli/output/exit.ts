import { writeSync } from 'node:fs';
import { ConfigError, readConfig, type Config } from '../../config/config.ts';
import { DamagedSecretError } from '../../platform/files/keptSecret.ts';
import { isRefusal } from '../../platform/storeError.ts';
import { SettingsMismatchError } from '../../events/bookkeeping/settings.ts';
import { ListError } from '../../imports/list/listError.ts';
import { OtherLogError } from '../../service/ownLog.ts';

/** 0: done. 1: the requested work failed. 2: the call or the configuration is wrong. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

const STANDARD_ERROR = 2;

/** An error reported as one line, without a stack trace. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** The configuration from the environment variables. */
export const configFromEnvironment = (): Config => readConfig(process.env);

/** Reports the error that ended the command and returns the exit code. */
export function report(error: unknown): number {
  if (error instanceof ConfigError) {
    for (const fault of error.faults) console.error(`padron: ${fault}`);
    return EXIT.usage;
  }
  const isSetUpWrong =
    error instanceof SettingsMismatchError ||
    error instanceof DamagedSecretError ||
    isRefusal(error) ||
    error instanceof OtherLogError ||
    error instanceof ListError;
  if (isSetUpWrong) {
    console.error(`padron: ${error.message}`);
    return EXIT.usage;
  }
  if (error instanceof CliError) {
    console.error(`padron: ${error.message}`);
    return error.exitCode;
  }
  const { message, cause } = error as Error;
  const more = cause instanceof Error && !message.includes(cause.message) ? `: ${cause.message}` : '';
  console.error(`padron: ${message}${more}`);
  return EXIT.failed;
}

/**
 * Keeps a command going whose reader has closed the pipe (`doctor | head`): what it does, and its exit code, do not depend on who reads.
 * Ends it with one line where its output cannot be written, as on a full disk.
 */
export function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  // Not console.error: it may be standard error that fails.
  writeSync(STANDARD_ERROR, `padron: the output cannot be written: ${error.code ?? error.message}\n`);
  process.exit(EXIT.failed);
}

/** Ends the command with this exit code when its reader closes the pipe (`| head`): the reader has seen enough. */
export function endWithReader(code: number = EXIT.done): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(code);
  });
}
