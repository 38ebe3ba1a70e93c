import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { CliError, EXIT } from '../output/exit.ts';

/**
 * Throws CliError (usage) if the folder cannot be made, or cannot be written to. Changes nothing. `setting`: what names the folder.
 */
export function requireDataPlace({ dataDir }: Pick<Config, 'dataDir'>, setting = 'DATA_DIR'): void {
  if (dataDir === '') throw new CliError(`${setting} should not be empty`, EXIT.usage);
  try {
    describePlace(dataDir);
  } catch (error) {
    throw new CliError(`${setting} ${(error as Error).message}`, EXIT.usage);
  }
}

/**
 * Describes the place for the data without changing it. Throws if padron could not keep data there.
 */
export function describePlace(dataDir: string): string {
  const folder = resolve(dataDir);
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  if (!statSync(there).isDirectory())
    throw new Error(`${dataDir} cannot be created: ${there} is not a folder`);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const what = there === folder ? 'written to' : 'made';
    throw new Error(`${dataDir} cannot be ${what}`, { cause });
  }
  return there === folder ? `and ${dataDir} can be written to` : `and ${dataDir} can be created`;
}
