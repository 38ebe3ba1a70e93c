import { parse } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { transaction } from '../../src/platform/sqlite/sqlite.ts';
import { openBareEvents } from './bareEvents.ts';

/** Lines per transaction, as many as padron takes at a time. */
const BATCH = 1_000;

/**
 * The baseline of an import: parses the file line by line and inserts the two events of each line with full durability, without checks,
 * hashes or sealing. Lines per second.
 */
export async function bareImport(list: string, format: 'ndjson' | 'csv', file: string): Promise<number> {
  const { db, insert, metadata } = openBareEvents(file);
  const store = (batch: readonly Record<string, unknown>[]): void => {
    transaction(db, () => {
      for (const record of batch) {
        const stream = `user-${String(record['IdUsuario'])}`;
        const claim = JSON.stringify({ owner: stream, revision: 0 });
        insert.run(`reservation-${randomUUID()}`, 0, randomUUID(), 'ValueClaimed', claim, metadata);
        insert.run(stream, 0, randomUUID(), 'UserRegistered', JSON.stringify(record), metadata);
      }
    });
  };

  const start = performance.now();
  let batch: Record<string, unknown>[] = [];
  let lines = 0;
  for await (const record of recordsOf(list, format)) {
    batch.push(record);
    lines += 1;
    if (batch.length < BATCH) continue;
    store(batch);
    batch = [];
  }
  store(batch);
  const perSecond = (lines / (performance.now() - start)) * 1_000;
  db.close();
  return perSecond;
}

async function* recordsOf(list: string, format: 'ndjson' | 'csv'): AsyncGenerator<Record<string, unknown>> {
  const stream = createReadStream(list);
  if (format === 'csv') {
    yield* stream.pipe(parse({ columns: true })) as AsyncIterable<Record<string, unknown>>;
    return;
  }
  for await (const line of createInterface({ input: stream }))
    yield JSON.parse(line) as Record<string, unknown>;
}
