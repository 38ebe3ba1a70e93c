import { parse } from 'csv-parse';
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { CliError, EXIT } from './exit.ts';

/** A line of the file: what it says, or why it says nothing. `line` counts from 1. */
export type Line = { line: number; value: Record<string, unknown> } | { line: number; problem: string };

export type ImportFormat = 'csv' | 'ndjson';

/** Longest line in bytes: no record comes near it, and memory stays bounded. */
const LONGEST_LINE = 1024 * 1024;

/** The non-empty lines of an NDJSON file. Never ends early for a line that is broken. */
export async function* ndjsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let line = 0;
  for await (const bytes of splitLines(chunks)) {
    line += 1;
    if (bytes === 'too long') {
      yield { line, problem: `is longer than ${LONGEST_LINE} bytes` };
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
    const whole = length > LONGEST_LINE ? 'too long' : Buffer.concat(parts);
    parts = [];
    length = 0;
    return whole;
  };
  const add = (part: Buffer): void => {
    length += part.length;
    if (length <= LONGEST_LINE) parts.push(part);
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

interface CsvItem {
  info: { lines: number; error?: { code: string } };
  record: Record<string, string>;
}

/**
 * The rows of a CSV file with a header line; commas, semicolons or tabs, whichever the header has most of. Throws
 * CliError where the file cannot be read any further (a quote that is never closed).
 */
export async function* csvLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const { delimiter, all } = await peekDelimiter(chunks);
  const parser = Readable.from(all).pipe(
    parse({
      columns: true,
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_LINE,
    }),
  );
  try {
    for await (const { info, record } of parser as AsyncIterable<CsvItem>) {
      yield rowOf(info, record);
    }
  } catch (error) {
    const { code, lines } = error as { code?: string; lines?: number };
    throw new CliError(
      `line ${lines ?? '?'}: the file cannot be read on from here (${code ?? 'broken CSV'})`,
      EXIT.failed,
    );
  }
}

function rowOf({ lines: line, error }: CsvItem['info'], record: Record<string, string>): Line {
  if (error) return { line, problem: 'does not have as many cells as the header' };
  if (Object.values(record).some((cell) => cell.includes('\ufffd'))) return { line, problem: 'is not UTF-8' };
  return { line, value: record };
}

async function peekDelimiter(
  chunks: AsyncIterable<Buffer>,
): Promise<{ delimiter: string; all: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  const head = first.done ? '' : (first.value.toString('utf8').split('\n')[0] ?? '');
  const count = (delimiter: string): number => head.split(delimiter).length;
  const delimiter = [',', ';', '\t'].reduce((best, one) => (count(one) > count(best) ? one : best));
  async function* all(): AsyncGenerator<Buffer> {
    if (!first.done) yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { delimiter, all: all() };
}
