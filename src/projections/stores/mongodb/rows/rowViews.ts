import type { MongoConnection, TimedCollection } from '../../../../platform/mongodb/connection.ts';
import type { OpenOptions } from '../../../ports/readModel.ts';
import type { RowBatch, RowPage, RowReader, RowStore } from '../../../ports/rows.ts';
import type { ViewDeclaration } from '../../../record/viewDeclaration.ts';
import { collectionOf, openCheckpoint } from '../generation/generations.ts';
import { followCurrent } from '../generation/shown.ts';
import { indexRows, insertRows, repairRow, replaceRows, type StoredRow } from './rows.ts';
import { findRows, misplacedRows, scanRows } from './rowSearch.ts';

/**
 * See ReadModel.openRows. Rows are written before the checkpoint and a query reads the checkpoint
 * first, so it misses no row up to there, in whatever order rows arrive. `seal` creates the indexes,
 * because a build is faster without them; until then `find` rejects.
 */
export async function openRowView(
  connection: MongoConnection,
  view: ViewDeclaration,
  generation: number,
  options?: OpenOptions,
): Promise<RowStore> {
  const checkpoint = await openCheckpoint(connection, view, generation, options);
  const stored = collectionOf<StoredRow>(connection, view, generation);
  const write = async ({ rows, from, to }: RowBatch): Promise<'written' | 'refused'> => {
    await insertRows(stored, rows);
    return (await checkpoint.move(from, to)) ? 'written' : 'refused';
  };
  return {
    checkpoint: checkpoint.read,
    ...readsOf(stored),
    write,
    fill: write,
    seal: (sealing) => indexRows(connection, stored.collection, sealing),
    erase: (rows) => replaceRows(stored, rows),
    repair: (position, row) => repairRow(stored, position, row),
  };
}

/** The current generation of an insert-only view. */
export function shownRowView(connection: MongoConnection, view: ViewDeclaration): RowReader {
  const { checkpoint, read } = followCurrent(connection, view, (generation) =>
    readsOf(collectionOf(connection, view, generation)),
  );
  return {
    checkpoint,
    find: (query) => read((reads) => reads.find(query), isFilled),
    scan: (stretch) => read((reads) => reads.scan(stretch)),
    misplaced: (rows) =>
      read(
        (reads) => reads.misplaced(rows),
        (positions) => positions.length < rows.length,
      ),
    countEntries: async () => null,
  };
}

const isFilled = ({ rows, next }: RowPage): boolean => rows.length > 0 || next !== null;

const readsOf = (stored: TimedCollection<StoredRow>): Omit<RowReader, 'checkpoint'> => ({
  find: (query) => findRows(stored, query),
  scan: (stretch) => scanRows(stored, stretch),
  misplaced: (rows) => misplacedRows(stored, rows),
  countEntries: async () => null,
});
