import type { Collection, Filter } from 'mongodb';
import { unlessDuplicate } from '../../../../platform/mongodb/answers.ts';
import type { TimedCollection } from '../../../../platform/mongodb/connection.ts';
import type { DocumentState, Parked, ViewDocument } from '../../../ports/documents.ts';
import { indexWords } from '../../../views/search.ts';
import { answered } from '../generation/answered.ts';

/** A view's document as stored, with the subject's id as `_id`. */
export interface StoredDocument extends Omit<ViewDocument, 'id' | 'lookup' | 'parked'> {
  _id: number;
  /** The words under which the search text is indexed; empty for a tombstone. */
  words: string[];
  /** Absent from a tombstone: the index of each name is sparse. */
  lookup?: ViewDocument['lookup'];
  /** Absent unless parked. */
  parked?: Parked;
}

/** Indexes only parked documents. Sparse, because compatible servers have no partial indexes. */
export const BY_PARKED = { 'parked.position': 1 } as const;

/** Indexes words, each with the ids of the documents that have it. */
export const BY_WORD = { words: 1, _id: 1 } as const;

/** The index for lookups under a name. */
export const byLookup = (name: string): Record<string, 1> => ({ [`lookup.${name}`]: 1 });

export async function prepareDocuments(
  collection: Collection<StoredDocument>,
  lookups: readonly string[] = [],
): Promise<void> {
  for (const index of [BY_PARKED, ...lookups.map(byLookup)]) {
    await answered(() => collection.createIndex(index, { sparse: true }, {}));
  }
  await answered(() => collection.createIndex(BY_WORD));
}

/** Replaces the stored document if it is at `from`, or inserts it if there is none (null). */
export async function repairDocument(
  { collection, maxTimeMS }: TimedCollection<StoredDocument>,
  from: DocumentState | null,
  to: ViewDocument,
): Promise<boolean> {
  const stored = { _id: to.id, ...toStored(to) };
  const options = { ignoreUndefined: true, maxTimeMS };
  return answered(async (isRepeated) => {
    const isWritten = from
      ? (await collection.replaceOne(isAt(to.id, from), stored, options)).matchedCount === 1
      : await unlessDuplicate(collection.insertOne(stored, options));
    if (isWritten) return true;
    return isRepeated && (await collection.findOne(isAt(to.id, to), { maxTimeMS })) !== null;
  });
}

export function toDocument(stored: StoredDocument): ViewDocument {
  const { _id: id, words: _words, lookup = {}, parked = null, ...rest } = stored;
  return { id, ...rest, lookup, parked };
}

/** Null also matches a missing member. */
const isAt = (_id: number, state: DocumentState): Filter<StoredDocument> => ({
  _id,
  revision: state.revision,
  'parked.attempts': state.parked ? state.parked.attempts : null,
  'parked.heldUpTo': state.parked ? state.parked.heldUpTo : null,
});

export function toStored(document: ViewDocument): Omit<StoredDocument, '_id'> {
  const { revision, body, search, lookup, parked } = document;
  return {
    revision,
    body,
    search,
    words: indexWords(search),
    ...(Object.keys(lookup).length > 0 && { lookup }),
    ...(parked && { parked }),
  };
}
