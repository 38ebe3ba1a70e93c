import { isUtf8 } from 'node:buffer';
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
    const bytes = readFileSync(file);
    const secret = bytes.toString('utf8').replace(/\r?\n$/, '');
    // Other bytes would all become the same character, and most of the secret would be lost.
    if (!isUtf8(bytes)) faults.push(`${name}_FILE must hold text in UTF-8`);
    else if (secret === '') faults.push(`${name}_FILE is empty`);
    else return secret;
  } catch (error) {
    faults.push(`${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  return null;
}

/** Whether a secret is long enough to resist guessing offline. */
export const isStrong = (secret: string): boolean => Buffer.byteLength(secret) >= MIN_SECRET_BYTES;
