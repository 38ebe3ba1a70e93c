import type { Importer } from '../../commands/handling/importer.ts';
import type { List } from '../reading/readList.ts';
import { importBatch, prepareBatch } from './importBatch.ts';
import type { ImportReport } from './importCounts.ts';
import { batchesOf, kindOf, type Batch } from './listBatches.ts';
import { updateBatch, type Updating } from './updateBatch.ts';

/** Default number of lines per batch. */
const BATCH = 1_000;
/** Batches that are read ahead: making the keys of one may take as long as importing another. */
const AHEAD = 2;

/**
 * Imports the lines of a list in batches; false if `signal` ended it early, after the current batch.
 * The next two are read, and their people's keys are made, while one is imported.
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
  readShare = () => null,
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
  /** The share of the source that has been read, 0 to 1; null if its size is unknown. */
  readShare?: () => number | null;
  /** Called after each batch and at the end, with the share of the source up to there. */
  onBatch?: (share: number | null) => void;
}): Promise<boolean> {
  const batches = batchesOf(list, {
    isUpdate: update !== null,
    skip,
    size: batchSize,
    readShare,
    signal,
  });
  const ordered = inLineOrder(report);
  let share: number | null = null;

  async function store(batch: Batch, prepared: Promise<void>): Promise<void> {
    report.counts.lines += batch.lines;
    for (const { line, reasons } of batch.unreadable) ordered.fail(line, reasons);
    try {
      if (update) await updateBatch(update, kindOf(list), batch.given, ordered);
      else await importBatch(importer, batch.ready, ordered, prepared);
    } finally {
      ordered.release();
    }
    share = batch.share;
    onBatch?.(share);
  }

  let hasEnded = false;
  let preparing = Promise.resolve();
  async function readNext(): Promise<{ batch: Batch; prepared: Promise<void> } | null> {
    const { value: batch } = await batches.next();
    if (!batch) return null;
    // One after the other, because each has a deadline of its own.
    const prepared = preparing.then(() => (hasEnded ? undefined : prepareBatch(importer, batch.ready)));
    preparing = prepared.catch(() => undefined);
    return { batch, prepared };
  }
  function read(): ReturnType<typeof readNext> {
    const next = readNext();
    // Awaited after the batches before it, unless one of them fails.
    next.catch(() => undefined);
    return next;
  }

  try {
    const ahead = Array.from({ length: AHEAD }, read);
    for (;;) {
      const present = await ahead.shift();
      if (!present) break;
      ahead.push(read());
      await store(present.batch, present.prepared);
      if (signal.aborted) break;
    }
  } finally {
    hasEnded = true;
    await preparing;
  }
  // The end of the list, and a list without lines, are progress too.
  onBatch?.(signal.aborted ? share : readShare());
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
