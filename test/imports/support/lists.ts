import { Readable } from 'node:stream';
import { ListError } from '../../../src/imports/list/listError.ts';
import type { ListLine } from '../../../src/imports/list/listLine.ts';
import { readList, type ListOptions } from '../../../src/imports/reading/readList.ts';
import type { Encoding } from '../../../src/imports/reading/encoding.ts';

export interface ReadResult {
  lines: ListLine[];
  kind: string | null;
  format: string;
  encoding: Encoding | null;
}

/** How a list is read if the caller says nothing about it. */
export const AS_FOUND = {
  kind: null,
  format: null,
  encoding: null,
  separator: null,
  decimal: null,
  dates: 'iso',
  isUpdate: false,
} as const;

/** What a list says that comes in pieces of so many bytes. */
export async function readAll(
  content: string | Buffer,
  options: Partial<ListOptions> = {},
  piece = 65_536,
): Promise<ReadResult> {
  const bytes = Buffer.from(content);
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, index) =>
    bytes.subarray(index * piece, (index + 1) * piece),
  );
  const list = await readList(Readable.from(pieces), {
    name: '',
    ...AS_FOUND,
    map: new Map(),
    ...options,
  });
  const lines: ListLine[] = [];
  for await (const line of list.lines) lines.push(line);
  return { lines, kind: list.kind(), format: list.format, encoding: list.encoding() };
}

/** The message that reading this ends with; null when it ends well. */
export async function refusalOf(
  content: string | Buffer,
  options: Partial<ListOptions> = {},
): Promise<string | null> {
  try {
    await readAll(content, options);
    return null;
  } catch (error) {
    if (error instanceof ListError) return error.message;
    throw error;
  }
}
