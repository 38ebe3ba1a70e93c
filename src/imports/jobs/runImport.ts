import type { KeyObject } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createCommandSide } from '../../commands/handling/commandSide.ts';
import { createImporter } from '../../commands/handling/importer.ts';
import type { EventStore } from '../../events/eventStore.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ImportCounts, Reason, RefusedLine } from '../../projections/record/listImport.ts';
import { dayIn } from '../../roll/timeZone.ts';
import { draftStore } from '../dryRun/draftStore.ts';
import type { ImportKind } from '../list/listLine.ts';
import type { Encoding } from '../reading/encoding.ts';
import { readList, type List } from '../reading/readList.ts';
import { importList } from '../run/importList.ts';
import type { Changed } from '../update/correct.ts';
import { readingOf, requestOf, type ImportOrder } from './importOrder.ts';
import { uploadError } from './uploads.ts';

/** Lines stored between two reports; a pause, a cancellation and the end of the service wait for them. */
const BATCH = 250;

/** A list and its options. Can be passed to a thread. */
export interface ImportTask {
  file: string;
  order: ImportOrder;
  /** The counts of earlier runs, whose lines are skipped. */
  from: ImportCounts;
  isDryRun: boolean;
}

/** The progress after each batch, when everything counted is stored. */
export interface ImportProgress {
  counts: ImportCounts;
  /** Lines refused since the last report. */
  refused: RefusedLine[];
  /** Edits since the last report; of dry runs only. */
  changes: ListedChange[];
  /** The share of the list that was read, 0 to 1. */
  share: number;
  list: ImportKind | null;
  /** Null while only ASCII was read. */
  encoding: Encoding | null;
}

/** An edit requested by a line, with its values. */
export interface ListedChange {
  line: number;
  subject: string;
  changed: NonNullable<Changed>;
}

/**
 * Imports an uploaded list. False if `signal` ended it early, after the current batch. Rejects with
 * ListError if the file is not a list or is lost, with EventStoreError or UploadError if the store or
 * the file cannot be read at the moment; everything reported before is stored.
 */
export type RunImport = (
  task: ImportTask,
  onProgress: (progress: ImportProgress) => void,
  signal: AbortSignal,
) => Promise<boolean>;

interface Stores {
  store: EventStore;
  key: KeyObject;
  clock: Clock;
  /** The IANA name of the time zone of days. */
  timeZone: string;
}

/** Runs imports over this store. A dry run writes to drafts on top of it. */
export const importIn =
  (stores: Stores): RunImport =>
  async (task, onProgress, signal) => {
    if (!task.isDryRun) return runImport(stores, task, onProgress, signal);
    const drafts = draftStore({ ...stores.store, close: () => Promise.resolve() });
    try {
      return await runImport({ ...stores, store: drafts }, task, onProgress, signal);
    } finally {
      await drafts.close();
    }
  };

async function runImport(
  stores: Stores,
  { file, order, from, isDryRun }: ImportTask,
  onProgress: (progress: ImportProgress) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const request = requestOf(order);
  const commands = createCommandSide(stores);
  const importer = createImporter({
    ...stores,
    commands,
    request,
    dayOf: dayIn(stores.timeZone),
  });
  const counts = structuredClone(from);
  let refused: RefusedLine[] = [];
  let changes: ListedChange[] = [];
  const report = {
    counts,
    fail(line: number, reasons: readonly Reason[]) {
      counts.failed += 1;
      refused.push({ line, reasons });
    },
    change(line: number, subject: string, changed: NonNullable<Changed>) {
      if (isDryRun) changes.push({ line, subject, changed });
    },
  };
  return withList(file, order, (list, stream, size) =>
    importList({
      list,
      importer,
      update: order.reading.isUpdate ? { commands, importer, request } : null,
      report,
      signal,
      skip: from.lines,
      batchSize: BATCH,
      readShare: () => Math.min(1, stream.bytesRead / Math.max(1, size)),
      onBatch(readUpTo) {
        onProgress({
          counts: structuredClone(counts),
          refused,
          changes,
          share: readUpTo ?? 0,
          list: list.kind(),
          encoding: list.encoding(),
        });
        refused = [];
        changes = [];
      },
    }),
  );
}

/**
 * Reads the header or the first line of a list, to refuse unusable files early. Returns the kind of
 * its records, null if it has no line. Throws ListError for a file that cannot be imported this way,
 * UploadError for one that cannot be read at the moment.
 */
export const lookAtList = (file: string, order: ImportOrder): Promise<ImportKind | null> =>
  withList(file, order, async (list) => {
    if (list.kind() === null) await list.lines.next();
    return list.kind();
  });

/** Opens a list for `work`, which gets its size in bytes. */
async function withList<T>(
  file: string,
  order: ImportOrder,
  work: (list: List, stream: ReadStream, size: number) => Promise<T>,
): Promise<T> {
  let stream: ReadStream | null = null;
  try {
    const { size } = await stat(file);
    stream = createReadStream(file);
    return await work(await readList(stream, readingOf(order)), stream, size);
  } catch (error) {
    throw uploadError(error);
  } finally {
    stream?.destroy();
  }
}
