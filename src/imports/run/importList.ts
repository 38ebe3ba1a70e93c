import type { Importer } from '../../commands/handling/importer.ts';
import type { List } from '../reading/readList.ts';
import { givenOf, recordOf } from '../records/importRecords.ts';
import { importBatch, type ReadyLine } from './importBatch.ts';
import type { ImportReport } from './importCounts.ts';
import { updateBatch, type GivenLine, type Updating } from './updateBatch.ts';

/** Default number of lines per batch. */
const BATCH = 1_000;

/**
 * Imports the lines of a list in batches; false if `signal` ended it early, after the current batch.
 * Rejects with ListError if the list turns out to be unusable, with EventStoreError if the store is
 * unreachable; earlier batches are stored.
 */
export async function importList({
  list,
  importer,
  update = null,
  report,
  signal,
  skip = 0,
  batchSize = BATCH,
  onBatch,
}: {
  list: List;
  importer: Importer;
  /** Null: existing people are not edited. */
  update?: Updating | null;
  report: ImportReport;
  signal: AbortSignal;
  /** Lines to skip, which an earlier run has processed and `report` already counts. */
  skip?: number;
  /** Lines per batch: their ids are reserved in one step, and `signal` is checked after each batch. */
  batchSize?: number;
  onBatch?: () => void;
}): Promise<boolean> {
  let batch: ReadyLine[] = [];
  let updates: GivenLine[] = [];
  async function flush(): Promise<void> {
    if (update) await updateBatch(update, list.kind() ?? 'users', updates, report);
    else await importBatch(importer, batch, report);
    batch = [];
    updates = [];
    onBatch?.();
  }
  let left = skip;
  for await (const one of list.lines) {
    if (left > 0) {
      left -= 1;
      continue;
    }
    report.counts.lines += 1;
    if ('problem' in one) report.fail(one.line, [one.problem]);
    else if (update) {
      const read = givenOf(list.kind() ?? 'users', one.members, one.hints);
      if ('reasons' in read) report.fail(one.line, read.reasons);
      else updates.push({ line: one.line, given: read.given });
    } else {
      const read = recordOf(list.kind() ?? 'users', one.members, one.hints);
      if ('reasons' in read) report.fail(one.line, read.reasons);
      else batch.push({ line: one.line, record: read.record });
    }
    if (batch.length + updates.length >= batchSize) await flush();
    if (signal.aborted) break;
  }
  await flush();
  return !signal.aborted;
}
