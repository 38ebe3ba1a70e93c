import { LRUCache } from 'lru-cache';
import { commitsOfOthers, type Database } from '../../../../platform/sqlite/sqlite.ts';

/** Rows cached per written view: about 20 MB. */
const MAX_CACHED = 20_000;

/**
 * Caches the rows that this connection has written recently, so that a subject's next event needs no
 * query for its document. Emptied when another connection writes to the file.
 */
export interface WrittenRows<Row extends { id: number }> {
  /** The cached rows, validated. */
  present(): Pick<Map<number, Row>, 'get'>;
  /** Drops rows that are about to be written. */
  drop(rows: readonly Pick<Row, 'id'>[]): void;
  /** Caches rows that were just committed. */
  take(rows: readonly Row[]): void;
}

export function writtenRows<Row extends { id: number }>(db: Database): WrittenRows<Row> {
  const written = new LRUCache<number, Row>({ max: MAX_CACHED });
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
