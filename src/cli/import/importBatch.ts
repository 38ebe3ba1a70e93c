import type { Importer, ImportOutcome, ImportRecord } from '../../commands/handling/importer.ts';
import { inParallel } from '../../verify/inParallel.ts';
import type { ImportProgress } from './importProgress.ts';

/**
 * Records in progress at a time; they share commits. Each has a command's time limit, so at this
 * number even a store that takes 30 records a second fails none.
 */
const MAX_AT_ONCE = 250;

/**
 * Imports the records of some lines and reports each outcome. Rejects with EventStoreError; the
 * remaining records are then not started.
 */
export async function importBatch(
  importer: Importer,
  batch: readonly { line: number; record: ImportRecord }[],
  progress: Pick<ImportProgress, 'counts' | 'fail'>,
): Promise<void> {
  const [first] = batch;
  if (!first) return;
  // Reserved before the records are written, so that a registration over HTTP cannot get one of
  // their ids.
  await importer.reserveIds(first.record.kind, Math.max(...batch.map(({ record }) => idOf(record))));
  await inParallel(batch, MAX_AT_ONCE, async ({ line, record }) => {
    const outcome = await importer.importRecord(record);
    if (outcome === 'imported' || outcome === 'unchanged') progress.counts[outcome] += 1;
    else progress.fail(line, [FAILURES[outcome]]);
  });
}

const idOf = (one: ImportRecord): number => (one.kind === 'user' ? one.record.IdUsuario : one.record.id);

const FAILURES: Record<Exclude<ImportOutcome, 'imported' | 'unchanged'>, string> = {
  'id-taken': 'the id belongs to another subject, or was imported with other values',
  'dni-taken': 'dni is already in use',
  'cuenta-taken': 'cuenta is already in use',
  contention: 'other writers won every attempt: import this line again',
};
