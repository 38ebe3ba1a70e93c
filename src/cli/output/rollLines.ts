import { print } from './print.ts';
import { tableLines } from './table.ts';

/** Prints pieces of text as they arrive; waits for slow readers. */
export async function printRows(pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) await print(piece);
}

/** Rows as a table with a header. Keeps all rows in memory to find the widest cell of each column. */
export async function* tableText(
  columns: readonly string[],
  batches: AsyncIterable<readonly (readonly unknown[])[]>,
): AsyncGenerator<string> {
  const rows: string[][] = [];
  for await (const batch of batches) rows.push(...batch.map((row) => row.map(textOf)));
  yield `${tableLines(columns, rows).join('\n')}\n`;
}

/** A cell on one line, without characters that could control the terminal. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/\p{C}/gu, '');
}
