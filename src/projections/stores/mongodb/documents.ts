import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import type { ViewDocument } from '../../readModel.ts';
import { ReadModelError } from '../../readModel.ts';
import { isDuplicateKey, whenAnswered } from './answers.ts';

/** A view's document as stored; the subject's id is its `_id`. */
export interface StoredDocument extends Omit<ViewDocument, 'id'> {
  _id: number;
}

/** So many go in one command, so that its time limit leaves 10 ms for each. */
const CHUNK = 1_000;
/** Each round ends with at least one writer further; more than a few means that somebody hammers these documents. */
const ROUNDS = 10;

/** Writes each document unless the stored one has at least its revision. Resolves when this holds for all of them. */
export async function writeDocuments(
  collection: Collection<StoredDocument>,
  documents: readonly ViewDocument[],
  maxTimeMS: number,
): Promise<void> {
  const latest = [...latestOfEach(documents)];
  for (let start = 0; start < latest.length; start += CHUNK) {
    const chunk = latest.slice(start, start + CHUNK);
    await whenAnswered(() => writeChunk(collection, chunk, maxTimeMS));
  }
}

/**
 * A guard that misses makes the upsert insert, which fails on `_id` with code 11000. That mostly means "already applied",
 * but not always: two writers that both found no document race, and the one that loses may hold the higher revision;
 * and a server may have stopped at the first such failure. So after one, what is stored decides.
 */
async function writeChunk(
  collection: Collection<StoredDocument>,
  chunk: readonly ViewDocument[],
  maxTimeMS: number,
): Promise<void> {
  let missing = chunk;
  for (let round = 1; round <= ROUNDS; round++) {
    try {
      await collection.bulkWrite(missing.map(guarded), { ordered: false, ignoreUndefined: true, maxTimeMS });
      return;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    missing = await notYetApplied(collection, missing, maxTimeMS);
    if (missing.length === 0) return;
  }
  throw new ReadModelError('MongoDB: other writers keep changing the same documents');
}

const guarded = ({ id, ...rest }: ViewDocument): AnyBulkWriteOperation<StoredDocument> => ({
  replaceOne: { filter: { _id: id, revision: { $lt: rest.revision } }, replacement: rest, upsert: true },
});

async function notYetApplied(
  collection: Collection<StoredDocument>,
  chunk: readonly ViewDocument[],
  maxTimeMS: number,
): Promise<ViewDocument[]> {
  const ids = chunk.map((document) => document.id);
  const stored = await collection
    .find({ _id: { $in: ids } }, { projection: { revision: 1 }, batchSize: CHUNK, maxTimeMS })
    .toArray();
  const revisions = new Map(stored.map((document) => [document._id, document.revision]));
  return chunk.filter((document) => (revisions.get(document.id) ?? -1) < document.revision);
}

function latestOfEach(documents: readonly ViewDocument[]): Iterable<ViewDocument> {
  const latest = new Map<number, ViewDocument>();
  for (const document of documents) {
    const other = latest.get(document.id);
    if (!other || other.revision < document.revision) latest.set(document.id, document);
  }
  return latest.values();
}
