import { LRUCache } from 'lru-cache';
import { commitsOfOthers, type Database } from '../../../../platform/sqlite/sqlite.ts';
import type { ViewDocument } from '../../../ports/documents.ts';
import type { Row } from './documentRows.ts';

/** Rows cached per written view: about 20 MB. */
const MAX_CACHED = 20_000;

/**
 * Caches the rows that this connection has written recently, so that a subject's next event needs no
 * query for its document. Emptied when another connection writes to the file.
 */
export function writtenRows(db: Database) {
  const written = new LRUCache<number, Row>({ max: MAX_CACHED });
  const haveOthersCommitted = commitsOfOthers(db);
  return {
    /** The cached rows, validated. */
    present(): Pick<Map<number, Row>, 'get'> {
      if (haveOthersCommitted()) written.clear();
      return written;
    },
    /** Drops the rows of documents that are about to be written. */
    drop(documents: readonly Pick<ViewDocument, 'id'>[]): void {
      for (const { id } of documents) written.delete(id);
    },
    /** Caches rows that were just committed. */
    take(rows: readonly Row[]): void {
      for (const row of rows) written.set(row[0], row);
    },
  };
}
