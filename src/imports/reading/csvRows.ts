import { parse, type CsvError, type Parser } from 'csv-parse';
import { Readable } from 'node:stream';
import type { CsvLayout } from './csvLayout.ts';
import type { Reason } from '../../projections/record/listImport.ts';
import { MAX_LINE_LENGTH } from '../list/listLine.ts';
import { reason } from '../reasons/reason.ts';

/** A row of a CSV file and the line where it begins; or why the rest of the file cannot be read. */
export type CsvRow = { line: number; cells: string[] } | { line: number; problem: Reason };

/** The rows of a CSV text that are not blank, header first. Ends with a problem at a quote that is never closed. */
export async function* csvRows(chunks: AsyncIterable<string>, layout: CsvLayout): AsyncGenerator<CsvRow> {
  const errors: CsvError[] = [];
  const text = Readable.from(behind(chunks, layout.skipped), { objectMode: true });
  const parser = text.pipe(csvParser(layout.delimiter, errors));
  // A read error rejects the loop below; without a listener it would end the process.
  parser.on('error', () => undefined);
  text.on('error', (error) => parser.destroy(error));
  const startOf = lineCounter(layout.skippedLines + 1);
  try {
    let records = 0;
    for await (const cells of parser as AsyncIterable<string[]>) {
      records += 1;
      // Whatever the parser makes of the rest of the file.
      if (errors[0] && records > recordsBefore(errors[0])) break;
      const line = startOf(cells);
      if (cells.some((cell) => cell.trim() !== '')) yield { line, cells };
    }
  } finally {
    text.destroy();
  }
  if (errors[0]) yield { line: startOf([]), problem: csvProblem(errors[0]) };
}

async function* behind(chunks: AsyncIterable<string>, skipped: number): AsyncGenerator<string> {
  let left = skipped;
  for await (const chunk of chunks) {
    const rest = chunk.slice(left);
    left = Math.max(0, left - chunk.length);
    if (rest !== '') yield rest;
  }
}

/** Syntax errors go to `errors`, because an error event would drop earlier rows that are not read yet. */
const csvParser = (delimiter: string, errors: CsvError[]): Parser =>
  parse({
    delimiter,
    // All of them: files of several programs put together have lines that end in several ways.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: MAX_LINE_LENGTH,
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error && errors.length === 0) errors.push(error);
    },
  });

const recordsBefore = (error: CsvError): number => Number(error['records']);

/** With relaxed quotes and columns there are two errors: the end inside a quote, and a row that never ends. */
const csvProblem = ({ code }: CsvError): Reason =>
  code === 'CSV_MAX_RECORD_SIZE' ? reason('row-too-long', { wanted: MAX_LINE_LENGTH }) : reason('quote-open');

/**
 * The lines where rows begin, from row to row, empty ones included. The parser's own count is of the
 * line where a row ends, counts a CRLF within quotes as two lines (csv-parse 7.0.3), and makes an object
 * for each row.
 */
function lineCounter(first: number): (cells: readonly string[]) => number {
  let next = first;
  return (cells) => {
    const line = next;
    next += 1 + cells.reduce((breaks, cell) => breaks + lineBreaks(cell), 0);
    return line;
  };
}

const LINE_BREAK = /\r\n|\n|\r/g;
const lineBreaks = (cell: string): number =>
  cell.includes('\n') || cell.includes('\r') ? (cell.match(LINE_BREAK)?.length ?? 0) : 0;
