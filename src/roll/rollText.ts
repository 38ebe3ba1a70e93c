/** Rows in batches; only one batch is in memory. */
export type Batches<Row> = AsyncIterable<readonly Row[]>;

/** One JSON object per line; one piece per batch, empty for a batch without rows. */
export async function* toNdjsonLines(batches: Batches<object>): AsyncGenerator<string> {
  for await (const rows of batches) {
    yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
}

/** Converts every row. */
export async function* mapRows<From, To>(
  batches: Batches<From>,
  to: (row: From) => To,
): AsyncGenerator<To[]> {
  for await (const rows of batches) yield rows.map(to);
}
