import { isUtf8 } from 'node:buffer';

/** A line of the file: its value, or why it has none. `line` counts from 1. */
export type Line = { line: number; value: Record<string, unknown> } | { line: number; problem: string };

export type ImportFormat = 'csv' | 'ndjson';

/** Longest line in bytes: far above any record, and memory stays bounded. */
export const MAX_LINE_LENGTH = 1024 * 1024;

/** The non-empty lines of an NDJSON file. Broken lines do not end it early. */
export async function* ndjsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let line = 0;
  for await (const bytes of splitLines(chunks)) {
    line += 1;
    if (bytes === 'too long') {
      yield { line, problem: `is longer than ${MAX_LINE_LENGTH} bytes` };
      continue;
    }
    const text = bytes.toString('utf8').replace(line === 1 ? /^\ufeff/ : '', '');
    if (text.trim() === '') continue;
    yield isUtf8(bytes) ? parseLine(line, text) : { line, problem: 'is not UTF-8' };
  }
}

function parseLine(line: number, text: string): Line {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { line, value: value as Record<string, unknown> };
    }
    return { line, problem: 'is not a JSON object' };
  } catch {
    return { line, problem: 'is not JSON' };
  }
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | 'too long'> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): Buffer | 'too long' => {
    const whole = length > MAX_LINE_LENGTH ? 'too long' : Buffer.concat(parts);
    parts = [];
    length = 0;
    return whole;
  };
  const add = (part: Buffer): void => {
    length += part.length;
    if (length <= MAX_LINE_LENGTH) parts.push(part);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      add(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  if (length > 0) yield take();
}
