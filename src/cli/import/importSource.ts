import { createReadStream, fstatSync, statSync, type BigIntStats } from 'node:fs';
import { CliError, EXIT } from '../output/exit.ts';

export interface Source {
  chunks: AsyncIterable<Buffer>;
  /** The share that has been read, 0 to 1; null for standard input. */
  share(): number | null;
}

const STANDARD_INPUT = '-';

/** Opens the file and reads its beginning. Throws CliError (usage) if it cannot be read: missing, a folder, no right. */
export async function openSource(file: string): Promise<Source> {
  const stream: AsyncIterable<Buffer> = file === STANDARD_INPUT ? process.stdin : createReadStream(file);
  const iterator = stream[Symbol.asyncIterator]();
  const head = await iterator.next().catch(() => {
    throw new CliError(`${nameOf(file)} cannot be read`, EXIT.usage);
  });
  const size = file === STANDARD_INPUT ? null : statSync(file).size;
  let read = 0;
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let next = head; !next.done; next = await iterator.next()) {
      read += next.value.length;
      yield next.value;
    }
  }
  return { chunks: chunks(), share: () => (size === null ? null : read / Math.max(1, size)) };
}

const nameOf = (file: string): string => (file === STANDARD_INPUT ? 'standard input' : file);

/**
 * Throws CliError (usage) if `report` is the input file under any name: opening the report would
 * empty it. Checks only regular files: a terminal or /dev/null may be both.
 */
export function refuseToOverwrite(file: string, report: string): void {
  const source = file === STANDARD_INPUT ? fstatSync(0, { bigint: true }) : statSync(file, { bigint: true });
  const target = statsOf(report);
  if (target?.isFile() && target.dev === source.dev && target.ino === source.ino)
    throw new CliError(`--errors ${report} is the input file: name another one`, EXIT.usage);
}

/** Null if the file does not exist or may not be read. */
function statsOf(file: string): BigIntStats | null {
  try {
    return statSync(file, { bigint: true });
  } catch {
    return null;
  }
}
