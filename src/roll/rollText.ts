/** Rows as they come: what is in memory at a time is one batch, however long the whole is. */
export type Batches<Row> = AsyncIterable<readonly Row[]>;

/** One JSON object a line. */
export async function* toNdjsonLines(batches: Batches<object>): AsyncGenerator<string> {
  for await (const rows of batches) {
    if (rows.length > 0) yield `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
  }
}

/** Every row as another one. */
export async function* mapRows<From, To>(
  batches: Batches<From>,
  to: (row: From) => To,
): AsyncGenerator<To[]> {
  for await (const rows of batches) yield rows.map(to);
}
