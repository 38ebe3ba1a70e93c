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
  /**
   * Lines per batch, those that fail included: their ids are reserved in one step, and their outcomes
   * are reported in the order of the list.
   */
  batchSize?: number;
  onBatch?: () => void;
}): Promise<boolean> {
  let batch: ReadyLine[] = [];
  let updates: GivenLine[] = [];
  let lines = 0;
  const ordered = inLineOrder(report);
  async function flush(): Promise<void> {
    try {
      if (update) await updateBatch(update, list.kind() ?? 'users', updates, ordered);
      else await importBatch(importer, batch, ordered);
    } finally {
      ordered.release();
    }
    batch = [];
    updates = [];
    lines = 0;
    onBatch?.();
  }
  let left = skip;
  for await (const one of list.lines) {
    if (left > 0) {
      left -= 1;
      continue;
    }
    report.counts.lines += 1;
    lines += 1;
    if ('problem' in one) ordered.fail(one.line, [one.problem]);
    else if (update) {
      const read = givenOf(list.kind() ?? 'users', one.members, one.hints);
      if ('reasons' in read) ordered.fail(one.line, read.reasons);
      else updates.push({ line: one.line, given: read.given });
    } else {
      const read = recordOf(list.kind() ?? 'users', one.members, one.hints);
      if ('reasons' in read) ordered.fail(one.line, read.reasons);
      else batch.push({ line: one.line, record: read.record });
    }
    if (lines >= batchSize) await flush();
    if (signal.aborted) break;
  }
  await flush();
  return !signal.aborted;
}

/** Keeps the outcomes of lines until `release`, which reports them by line. Lines run concurrently. */
function inLineOrder(report: ImportReport): ImportReport & { release(): void } {
  let kept: { line: number; send(): void }[] = [];
  return {
    counts: report.counts,
    fail(line, reasons) {
      kept.push({
        line,
        send: () => {
          report.fail(line, reasons);
        },
      });
    },
    change(line, stream, changed) {
      kept.push({ line, send: () => report.change?.(line, stream, changed) });
    },
    release() {
      for (const { send } of kept.sort((one, other) => one.line - other.line)) send();
      kept = [];
    },
  };
}
