import {
  Long,
  MongoBulkWriteError,
  MongoNetworkTimeoutError,
  type Collection,
  type IndexSpecification,
} from 'mongodb';
import { isDuplicateKey, unlessDuplicate } from '../../../../platform/mongodb/answers.ts';
import type { MongoConnection, TimedCollection } from '../../../../platform/mongodb/connection.ts';
import type { SealOptions } from '../../../ports/documents.ts';
import type { Row } from '../../../ports/rows.ts';
import { answered, inChunks } from '../generation/answered.ts';

/** A row as stored, with its position as `_id`. */
export interface StoredRow extends Omit<Row, 'position' | 'keys'> {
  /** Read back as a number if that is exact. */
  _id: Long | number;
  keys: string[];
}

/** A query with a filter is one range of the first index; one without is a range of the second. */
export const BY_KEY = { keys: 1, at: 1, _id: 1 } as const;
export const BY_INSTANT = { at: 1, _id: 1 } as const;

/**
 * Creates the indexes. That can take minutes, longer than a call waits for its answer; the server
 * goes on all the same, and a repeated call is answered once the index exists. Rejects if the server
 * does not answer a ping either. When the signal aborts, returns after the current call.
 */
export async function indexRows(
  { db, timeLimitMs }: MongoConnection,
  collection: Collection<StoredRow>,
  { signal, onProgress }: SealOptions = {},
): Promise<void> {
  const indexes = [BY_KEY, BY_INSTANT];
  const isThere = async (index: IndexSpecification): Promise<boolean> => {
    try {
      await collection.createIndex(index);
      return true;
    } catch (error) {
      if (error instanceof MongoNetworkTimeoutError) return false;
      throw error;
    }
  };
  // One by one: FerretDB 1.24 fails on several that exist already.
  for (const [done, index] of indexes.entries()) {
    while (!signal?.aborted && !(await answered(() => isThere(index)))) {
      await answered(() => db.command({ ping: 1, maxTimeMS: timeLimitMs }));
    }
    if (signal?.aborted) return;
    onProgress?.((done + 1) / indexes.length);
  }
}

/** Inserts each row unless it exists. Resolves when all exist. */
export const insertRows = (stored: TimedCollection<StoredRow>, rows: readonly Row[]): Promise<void> =>
  inChunks(rows, (chunk) => insertChunk(stored, chunk.map(toStored)));

/**
 * An existing row is identical, because rows are derived from their events. The server names those
 * that exist; each round leaves fewer, even on a server that stops at the first one.
 */
async function insertChunk(
  { collection, maxTimeMS }: TimedCollection<StoredRow>,
  chunk: readonly StoredRow[],
): Promise<void> {
  let missing = chunk;
  while (missing.length > 0) {
    try {
      await collection.insertMany(missing, { ordered: false, ignoreUndefined: true, maxTimeMS });
      return;
    } catch (error) {
      if (!isDuplicateKey(error) || !(error instanceof MongoBulkWriteError)) throw error;
      missing = notInserted(missing, error);
    }
  }
}

/** The rows that may still be missing after an insert that met existing ones. */
function notInserted(
  rows: readonly StoredRow[],
  { writeErrors, insertedCount }: MongoBulkWriteError,
): StoredRow[] {
  const existing = new Set([writeErrors].flat().map(({ index }) => index));
  const others = rows.filter((_row, index) => !existing.has(index));
  return insertedCount === others.length ? [] : others;
}

/** Replaces the rows that are stored; inserts none. */
export async function replaceRows(
  { collection, maxTimeMS }: TimedCollection<StoredRow>,
  rows: readonly Row[],
): Promise<void> {
  for (const row of rows) {
    const stored = toStored(row);
    await answered(() => collection.replaceOne({ _id: stored._id }, stored, { maxTimeMS }));
  }
}

/** Replaces the row at this position, or removes it (null). */
export async function repairRow(
  { collection, maxTimeMS }: TimedCollection<StoredRow>,
  position: Row['position'],
  row: Row | null,
): Promise<void> {
  const _id = Long.fromBigInt(position);
  await answered(async () => {
    if (!row) {
      await collection.deleteOne({ _id }, { maxTimeMS });
      return;
    }
    const replace = (): Promise<unknown> =>
      collection.replaceOne({ _id }, toStored(row), { upsert: true, maxTimeMS });
    // If another writer inserted it in between, it stays: only a repair removes rows.
    if (!(await unlessDuplicate(replace()))) await replace();
  });
}

const toStored = ({ position, at, keys, json }: Row): StoredRow => ({
  _id: Long.fromBigInt(position),
  at,
  keys: [...keys],
  json,
});
