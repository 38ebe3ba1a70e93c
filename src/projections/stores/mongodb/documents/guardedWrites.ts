import type { AnyBulkWriteOperation, Filter } from 'mongodb';
import { unlessDuplicate } from '../../../../platform/mongodb/answers.ts';
import type { TimedCollection } from '../../../../platform/mongodb/connection.ts';
import {
  attemptsOf,
  isLater,
  reachOf,
  type DocumentState,
  type ViewDocument,
} from '../../../ports/documents.ts';
import { ReadModelError } from '../../../record/readModelError.ts';
import { inChunks } from '../generation/answered.ts';
import { toStored, type StoredDocument } from './documents.ts';

/** Each round lets at least one writer proceed; more than a few mean heavy contention. */
const MAX_ROUNDS = 10;

/** See ViewStore.put. Resolves when no document is later than the stored one any more. */
export const writeDocuments = (
  stored: TimedCollection<StoredDocument>,
  documents: readonly ViewDocument[],
): Promise<void> => inChunks(latestOfEach(documents), (chunk) => writeChunk(stored, chunk));

/**
 * If the guard does not match, the upsert tries to insert and fails on `_id` with code 11000.
 * Usually that means "already applied", but the loser of a race to insert may hold the later state,
 * and a server may stop at the first such failure. So the stored documents decide.
 */
async function writeChunk(
  stored: TimedCollection<StoredDocument>,
  chunk: readonly ViewDocument[],
): Promise<void> {
  const { collection, maxTimeMS } = stored;
  let missing = chunk;
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const options = { ordered: false, ignoreUndefined: true, maxTimeMS };
    if (await unlessDuplicate(collection.bulkWrite(missing.map(guarded), options))) return;
    missing = await notYetApplied(stored, missing);
    if (missing.length === 0) return;
  }
  throw new ReadModelError('MongoDB: other writers keep changing the same documents');
}

const guarded = (document: ViewDocument): AnyBulkWriteOperation<StoredDocument> => ({
  replaceOne: {
    filter: { _id: document.id, ...isBefore(document) },
    replacement: toStored(document),
    upsert: true,
  },
});

/** The same condition as isLater. `$not` also matches documents without the member: not parked. */
function isBefore(document: DocumentState): Filter<StoredDocument> {
  const { revision } = document;
  const attempts = attemptsOf(document);
  const reach = reachOf(document);
  const holdsNoMore = { 'parked.heldUpTo': { $not: { $gt: reach } } };
  const older = { revision: { $lt: revision } };
  if (attempts === 0) return { ...older, ...holdsNoMore };
  const fewerTries = { revision, 'parked.attempts': { $not: { $gte: attempts } } };
  const holdsLess = { revision, 'parked.attempts': attempts, 'parked.heldUpTo': { $lt: reach } };
  return { ...holdsNoMore, $or: [older, fewerTries, holdsLess] };
}

async function notYetApplied(
  { collection, maxTimeMS }: TimedCollection<StoredDocument>,
  chunk: readonly ViewDocument[],
): Promise<ViewDocument[]> {
  const stored = await collection
    .find(
      { _id: { $in: chunk.map(({ id }) => id) } },
      { projection: { revision: 1, parked: 1 }, batchSize: chunk.length, maxTimeMS },
    )
    .toArray();
  const states = new Map(stored.map(({ _id, revision, parked = null }) => [_id, { revision, parked }]));
  return chunk.filter((document) => {
    const state = states.get(document.id);
    return !state || isLater(document, state);
  });
}

function latestOfEach(documents: readonly ViewDocument[]): ViewDocument[] {
  const latest = new Map<number, ViewDocument>();
  for (const document of documents) {
    const other = latest.get(document.id);
    if (!other || isLater(document, other)) latest.set(document.id, document);
  }
  return [...latest.values()];
}
