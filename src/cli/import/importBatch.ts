import type { Importer, ImportOutcome, ImportRecord } from '../../commands/handling/importer.ts';
import { inParallel } from '../../verify/inParallel.ts';
import type { ImportProgress } from './importProgress.ts';

/**
 * Records that are under way at once: they share commits. Each has the time of a command from its start, so that with this
 * many even a server that takes 30 records a second fails none.
 */
const MAX_AT_ONCE = 250;

/** Imports the records of some lines and notes what became of each. Rejects with EventStoreError; the rest is then not begun. */
export async function importBatch(
  importer: Importer,
  batch: readonly { line: number; record: ImportRecord }[],
  progress: Pick<ImportProgress, 'counts' | 'fail'>,
): Promise<void> {
  const [first] = batch;
  if (!first) return;
  // Moved ahead of the records, so that a registration over HTTP cannot be given one of their ids meanwhile.
  await importer.reserveIds(first.record.kind, Math.max(...batch.map(({ record }) => idOf(record))));
  await inParallel(batch, MAX_AT_ONCE, async ({ line, record }) => {
    const outcome = await importer.importRecord(record);
    if (outcome === 'imported' || outcome === 'unchanged') progress.counts[outcome] += 1;
    else progress.fail(line, [FAILURES[outcome]]);
  });
}

const idOf = (one: ImportRecord): number => (one.kind === 'user' ? one.record.IdUsuario : one.record.id);

const FAILURES: Record<Exclude<ImportOutcome, 'imported' | 'unchanged'>, string> = {
  'id-taken': 'the id belongs to somebody else, or was imported with other values',
  'dni-taken': 'dni is already in use',
  'cuenta-taken': 'cuenta is already in use',
  contention: 'other writers kept getting in between: import this line again',
};
