import { readFileSync } from 'node:fs';

/** RFC 7518, section 3.2: a key for HS256 has at least 256 bits. */
export const MIN_SECRET_BYTES = 32;

type Environment = Partial<Record<string, string>>;

/**
 * A secret from `name`, or from the file named by `name`_FILE; null if neither is set. Used exactly
 * as given, except for one line ending at the end of a file. Errors go to `faults`, with the
 * variable's name but not its value.
 */
export function secretSetting(name: string, environment: Environment, faults: string[]): string | null {
  const given = environment[name] || null;
  const file = environment[`${name}_FILE`]?.trim() || null;
  if (file === null) return given;
  if (given !== null) {
    faults.push(`${name} and ${name}_FILE cannot both be set`);
    return given;
  }
  try {
    const secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (secret !== '') return secret;
    faults.push(`${name}_FILE is empty`);
  } catch (error) {
    faults.push(`${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  return null;
}

/** Whether a secret is long enough to resist guessing offline. */
export const isStrong = (secret: string): boolean => Buffer.byteLength(secret) >= MIN_SECRET_BYTES;
