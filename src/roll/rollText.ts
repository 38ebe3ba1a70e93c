/** Rows as they come: what is in memory at a time is one batch, however long the whole is. */
export type Batches<Row> = AsyncIterable<readonly Row[]>;

/** One JSON object a line; a piece for each batch, empty for a batch without rows. */
export async function* toNdjsonLines(batches: Batches<object>): AsyncGenerator<string> {
  for await (const rows of batches) {
    yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
}

/** Every row as another one. */
export async function* mapRows<From, To>(
  batches: Batches<From>,
  to: (row: From) => To,
): AsyncGenerator<To[]> {
  for await (const rows of batches) yield rows.map(to);
}
