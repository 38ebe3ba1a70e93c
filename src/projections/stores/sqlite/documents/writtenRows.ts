import { LRUCache } from 'lru-cache';
import { commitsOfOthers, type Database } from '../../../../platform/sqlite/sqlite.ts';

/** Rows remembered of each view that is written to: some 20 MB. */
const KEPT = 20_000;

/**
 * The rows that this connection has written lately: the next event of a subject finds its document here, without asking for it. Right as long as
 * nobody else writes to the file; forgotten whole when somebody does.
 */
export interface WrittenRows<Row extends { id: number }> {
  /** The remembered ones, as they are now. */
  present(): Pick<Map<number, Row>, 'get'>;
  /** Lets go of rows that are about to be written. */
  drop(rows: readonly Pick<Row, 'id'>[]): void;
  /** Takes rows as they have just been committed. */
  take(rows: readonly Row[]): void;
}

export function writtenRows<Row extends { id: number }>(db: Database): WrittenRows<Row> {
  const written = new LRUCache<number, Row>({ max: KEPT });
  const haveOthersCommitted = commitsOfOthers(db);
  return {
    present() {
      if (haveOthersCommitted()) written.clear();
      return written;
    },
    drop(rows) {
      for (const { id } of rows) written.delete(id);
    },
    take(rows) {
      for (const row of rows) written.set(row.id, row);
    },
  };
}
