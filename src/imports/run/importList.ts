import type { Importer } from '../../commands/handling/importer.ts';
import type { List } from '../reading/readList.ts';
import { givenOf, recordOf } from '../records/importRecords.ts';
import { importBatch, type ReadyLine } from './importBatch.ts';
import type { ImportReport } from './importCounts.ts';
import { updateBatch, type GivenLine, type Updating } from './updateBatch.ts';

/** Lines of a batch unless the caller says otherwise. */
const BATCH = 1_000;

/**
 * Works through the lines of a list in batches; false when `signal` ended it early, after the batch in hand. Rejects with ListError where
 * the list is not what it seemed, with EventStoreError when the store is out of reach: then everything before is stored.
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
  /** Null: people who are known already are not edited. */
  update?: Updating | null;
  report: ImportReport;
  signal: AbortSignal;
  /** Lines to skip: an earlier run has processed them, and `report` counts them already. */
  skip?: number;
  /** Lines that are stored together: their ids are reserved in one step, and `signal` is heeded after each. */
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
