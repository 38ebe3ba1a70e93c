import type { ImportRecord } from '../../commands/handling/importRecord.ts';
import type { Importer, ImportOutcome } from '../../commands/handling/importer.ts';
import type { Reason } from '../../projections/record/listImport.ts';
import { normalDni } from '../../validation/dni.ts';
import { inParallel } from '../../platform/concurrency/inParallel.ts';
import { reason, takenReason } from '../reasons/reason.ts';
import type { ImportReport } from './importCounts.ts';

/**
 * Records imported concurrently, which share commits. Each has a command's deadline, so with this many
 * even a server that stores 30 records a second fails none.
 */
const MAX_AT_ONCE = 250;

/** A line that can be imported. */
export interface ReadyLine {
  line: number;
  record: ImportRecord;
}

/**
 * Reserves the ids of some lines and makes the keys of their people. May run while an earlier batch is
 * imported. Errors as for importBatch.
 */
export async function prepareBatch(importer: Importer, batch: readonly ReadyLine[]): Promise<void> {
  const [first] = batch;
  if (!first) return;
  const ids = batch.flatMap(({ record }) => idOf(record) ?? []);
  const largest = Math.max(0, ...ids);
  // Before the records, so that a registration over HTTP cannot get one of their ids meanwhile.
  if (largest > 0) await importer.reserveIds(first.record.kind, largest);
  await importer.prepareKeys(first.record.kind, ids);
}

/**
 * Imports the records of some lines, once they are prepared, and reports the outcome of each. Lines with
 * the same id, DNI or account keep the order of the file; all others run concurrently. Rejects with
 * EventStoreError and does not begin the remaining lines.
 */
export async function importBatch(
  importer: Importer,
  batch: readonly ReadyLine[],
  report: ImportReport,
  prepared: Promise<void> = prepareBatch(importer, batch),
): Promise<void> {
  await prepared;
  await inWaves(
    batch,
    ({ record }) => keysOf(record),
    (ready) => importOne(importer, ready, report),
    importer.atOnce,
  );
}

/** Imports one record and counts the outcome. Rejects with EventStoreError if the store is unreachable. */
export async function importOne(
  importer: Importer,
  { line, record }: ReadyLine,
  report: ImportReport,
): Promise<void> {
  const outcome = await importer.importRecord(record);
  if (outcome in FAILURES) report.fail(line, [FAILURES[outcome as Failure]]);
  else count(report, record, outcome);
}

function count({ counts }: ImportReport, { record }: ImportRecord, outcome: ImportOutcome): void {
  if (outcome !== 'imported') {
    counts.unchanged += 1;
    if (outcome === 'removed') counts.removed += 1;
    return;
  }
  counts.imported += 1;
  const { given, suspicious } = counts;
  if (/^\d{7}[A-Z]?$/.test(normalDni(record.dni))) suspicious.shortDnis += 1;
  if ('id' in record) {
    if (record.id === null) given.ids += 1;
    if (record.created_at === null) given.dates += 1;
    return;
  }
  if (record.IdUsuario === null) given.ids += 1;
  if (record.password === null) given.hashes += 1;
  if (record.fechaalta === null) given.dates += 1;
  if (/^\d{4}$/.test(record.CP) && /^(?:espa.a|spain)?$/i.test(record.pais)) suspicious.shortPostcodes += 1;
}

/** Runs `work` on a batch: in order on items with a common key, concurrently on the others, at most `atOnce`. */
export async function inWaves<T>(
  batch: readonly T[],
  keysOfOne: (one: T) => readonly string[],
  work: (one: T) => Promise<void>,
  atOnce = MAX_AT_ONCE,
): Promise<void> {
  const waves: T[][] = [];
  const next = new Map<string, number>();
  for (const one of batch) {
    const keys = keysOfOne(one);
    const wave = Math.max(0, ...keys.map((key) => next.get(key) ?? 0));
    (waves[wave] ??= []).push(one);
    for (const key of keys) next.set(key, wave + 1);
  }
  for (const wave of waves) await inParallel(wave, atOnce, work);
}

function keysOf(one: ImportRecord): string[] {
  const keys = [`dni ${normalDni(one.record.dni)}`];
  const id = idOf(one);
  if (id !== null) keys.push(`id ${id}`);
  if (one.kind === 'persona' && one.record.cuenta !== null) keys.push(`cuenta ${one.record.cuenta}`);
  return keys;
}

export const idOf = (one: ImportRecord): number | null =>
  one.kind === 'user' ? one.record.IdUsuario : one.record.id;

type Failure = Exclude<ImportOutcome, 'imported' | 'unchanged' | 'removed'>;

const FAILURES: Record<Failure, Reason> = {
  'id-taken': reason('id-taken'),
  'dni-taken': takenReason('dni'),
  'cuenta-taken': takenReason('cuenta'),
  erased: reason('erased'),
  contention: reason('contention'),
};
