import { createReadStream, fstatSync, statSync, type BigIntStats } from 'node:fs';
import { CliError, EXIT } from '../output/exit.ts';

export interface Source {
  chunks: AsyncIterable<Buffer>;
  /** How much has been read, 0 to 1; null for standard input. */
  share(): number | null;
}

const STANDARD_INPUT = '-';

/** Opens the file and reads its beginning. Throws CliError (usage) when it cannot be read: missing, a folder, not ours. */
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
 * Throws CliError (usage) when `report` is the file that is read, by whatever name: to open the report would empty it.
 * Only files are looked at: a terminal or /dev/null may well be both.
 */
export function refuseToOverwrite(file: string, report: string): void {
  const source = file === STANDARD_INPUT ? fstatSync(0, { bigint: true }) : statSync(file, { bigint: true });
  const target = statsOf(report);
  if (target?.isFile() && target.dev === source.dev && target.ino === source.ino)
    throw new CliError(`--errors ${report} is the input file: name another one`, EXIT.usage);
}

/** Null when there is no such file, or it is not ours to look at. */
function statsOf(file: string): BigIntStats | null {
  try {
    return statSync(file, { bigint: true });
  } catch {
    return null;
  }
}
