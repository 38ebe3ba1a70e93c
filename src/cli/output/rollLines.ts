import { tableLines } from './table.ts';

/** Prints pieces of text as they come, and waits for a slower reader. */
export async function printRows(pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) {
    if (process.stdout.write(piece)) continue;
    await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
  }
}

/** Rows as a table with a header. Holds all of them: the widths of its columns are those of their widest cells. */
export async function* tableText(
  columns: readonly string[],
  batches: AsyncIterable<readonly (readonly unknown[])[]>,
): AsyncGenerator<string> {
  const rows: string[][] = [];
  for await (const batch of batches) rows.push(...batch.map((row) => row.map(textOf)));
  yield `${tableLines(columns, rows).join('\n')}\n`;
}

/** A cell on one line; what a terminal would take for a command is left out. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/\p{C}/gu, '');
}
