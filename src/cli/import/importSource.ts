import { createReadStream, fstatSync, statSync, type BigIntStats } from 'node:fs';
import { extname } from 'node:path';
import { CliError, EXIT } from '../output/exit.ts';
import type { ImportFormat } from './importLines.ts';

export interface Source {
  chunks: AsyncIterable<Buffer>;
  /** The first character that is not white space. */
  first: string;
  /** The share read, 0 to 1; null for standard input. */
  share(): number | null;
}

const STANDARD_INPUT = '-';

/**
 * Opens the file and reads its beginning. Throws CliError (usage) if it cannot be read: missing, a
 * folder, no permission.
 */
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
  const first = head.done
    ? ''
    : head.value
        .toString('utf8')
        .replace(/^\ufeff/, '')
        .trimStart()
        .charAt(0);
  return { chunks: chunks(), first, share: () => (size === null ? null : read / Math.max(1, size)) };
}

const nameOf = (file: string): string => (file === STANDARD_INPUT ? 'standard input' : file);

/**
 * Throws CliError (usage) if `report` is the input file under any name: opening the report would
 * empty it. Only regular files are compared: a terminal or /dev/null may be both.
 */
export function refuseToOverwrite(file: string, report: string): void {
  const source = file === STANDARD_INPUT ? fstatSync(0, { bigint: true }) : statSync(file, { bigint: true });
  const target = statsOf(report);
  if (target?.isFile() && target.dev === source.dev && target.ino === source.ino)
    throw new CliError(`--errors ${report} is the input file: name another one`, EXIT.usage);
}

/** Null if there is no such file, or it is not accessible. */
function statsOf(file: string): BigIntStats | null {
  try {
    return statSync(file, { bigint: true });
  } catch {
    return null;
  }
}

/** By the file name, or else by the first character. */
export function formatOf(file: string, first: string): ImportFormat {
  const extension = extname(file).toLowerCase();
  if (extension === '.csv') return 'csv';
  if (['.ndjson', '.jsonl'].includes(extension)) return 'ndjson';
  return first === '{' ? 'ndjson' : 'csv';
}
