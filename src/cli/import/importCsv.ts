import { parse, type CsvError, type Parser } from 'csv-parse';
import { Readable } from 'node:stream';
import { CliError, EXIT } from '../output/exit.ts';
import { MAX_LINE_LENGTH, type Line } from './importLines.ts';

interface CsvItem {
  info: { records: number; empty_lines: number };
  record: string[];
}

/**
 * The rows of a CSV file with a header line, separated by commas, semicolons or tabs, whichever the
 * header has most. A row has the number of the line where it begins. Ends with a problem if the
 * file cannot be read further because of an unclosed quote. Throws CliError (usage) if the header
 * names a column twice.
 */
export async function* csvLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const { delimiter, all } = await peekDelimiter(chunks);
  const faults: CsvError[] = [];
  const parser = Readable.from(all).pipe(csvParser(delimiter, faults));
  const beginOf = lineCounter();
  let header: string[] | null = null;
  for await (const { info, record } of parser as AsyncIterable<CsvItem>) {
    // Ignore what the parser makes of the rest of the file.
    if (faults[0] && info.records > recordsBefore(faults[0])) break;
    const line = beginOf(info.empty_lines, record);
    if (header) yield rowOf(line, header, record);
    else header = headerOf(record);
  }
  if (faults[0])
    yield { line: beginOf(Number(faults[0]['empty_lines']), []), problem: csvProblem(faults[0]) };
}

/**
 * Broken CSV goes to `faults`: an error event would discard earlier rows that were not taken yet.
 */
const csvParser = (delimiter: string, faults: CsvError[]): Parser =>
  parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_LINE_LENGTH,
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error && faults.length === 0) faults.push(error);
    },
  });

const recordsBefore = (fault: CsvError): number => Number(fault['records']);

/**
 * With relaxed quotes and columns there are two errors: an unclosed quote at the end, and an
 * endless row.
 */
const csvProblem = ({ code }: CsvError): string =>
  code === 'CSV_MAX_RECORD_SIZE'
    ? `begins a row of more than ${MAX_LINE_LENGTH} characters, probably because of an unclosed quote: the file cannot be read further`
    : 'has an unclosed quote: the file cannot be read further';

/**
 * The line numbers where rows begin, given row by row with the number of empty lines so far. The
 * parser counts lines at a row's end, and counts a CRLF within quotes twice (csv-parse 7.0.3).
 */
function lineCounter(): (emptyLines: number, cells: readonly string[]) => number {
  let next = 1;
  return (emptyLines, cells) => {
    const line = next + emptyLines;
    next += 1 + cells.reduce((breaks, cell) => breaks + lineBreaks(cell), 0);
    return line;
  };
}

const lineBreaks = (cell: string): number => cell.match(/\r\n|\n|\r/g)?.length ?? 0;

function headerOf(names: string[]): string[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new CliError(
    twice === '' ? 'two columns have no name' : `two columns are named ${twice}: which one counts?`,
    EXIT.usage,
  );
}

function rowOf(line: number, header: readonly string[], cells: readonly string[]): Line {
  if (cells.length !== header.length)
    return { line, problem: 'has a different number of cells than the header' };
  if (cells.some((cell) => cell.includes('\ufffd'))) return { line, problem: 'is not UTF-8' };
  return { line, value: Object.fromEntries(header.map((name, index) => [name, cells[index]])) };
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
