import type { Filter } from 'mongodb';
import type { ViewDocument } from '../../../ports/documents.ts';
import { indexWords, MAX_SEARCHED, type SearchIndex, type Searched } from '../../../views/search.ts';
import { answered } from '../generation/answered.ts';
import type { TimedCollection } from '../../../../platform/mongodb/connection.ts';
import { BY_WORD, type StoredDocument } from './documents.ts';

/** The index that pages of a collection are searched in. */
export function searchIndex({ collection, maxTimeMS }: TimedCollection<StoredDocument>): SearchIndex {
  const texts = async (filter: Filter<StoredDocument>, limit: number): Promise<Searched[]> => {
    const options = {
      projection: { search: 1 },
      sort: { _id: 1 },
      limit,
      batchSize: limit,
      maxTimeMS,
    } as const;
    const found = await answered(() =>
      collection.find({ ...filter, body: { $ne: null } }, options).toArray(),
    );
    return found.map(({ _id, search }) => ({ id: _id, search }));
  };
  return {
    count: (prefix) =>
      answered(() =>
        collection.countDocuments(startingWith(prefix), {
          hint: BY_WORD,
          limit: MAX_SEARCHED + 1,
          maxTimeMS,
        }),
      ),
    ids: async (prefix, after) => {
      const options = { hint: BY_WORD, projection: { _id: 1 }, limit: MAX_SEARCHED, maxTimeMS } as const;
      const found = await answered(() =>
        collection.find({ ...startingWith(prefix), _id: { $gt: after } }, options).toArray(),
      );
      return found.map(({ _id }) => _id);
    },
    walk: (after, limit) => texts({ _id: { $gt: after } }, limit),
    texts: (ids) => texts({ _id: { $in: [...ids] } }, ids.length),
  };
}

/**
 * An anchored pattern is an index range. Prefixes contain only letters and digits, so nothing needs
 * escaping.
 */
const startingWith = (prefix: string): Filter<StoredDocument> => ({ words: { $regex: `^${prefix}` } });

/**
 * The documents whose stored words are not those of their text. The server keeps its index
 * consistent with the documents.
 */
export async function unfindableDocuments(
  { collection, maxTimeMS }: TimedCollection<StoredDocument>,
  documents: readonly Pick<ViewDocument, 'id' | 'search'>[],
): Promise<number[]> {
  if (documents.length === 0) return [];
  const _ids = documents.map(({ id }) => id);
  const stored = await answered(() =>
    collection
      .find({ _id: { $in: _ids } }, { projection: { words: 1 }, batchSize: _ids.length, maxTimeMS })
      .toArray(),
  );
  const words = new Map(stored.map((one) => [one._id, new Set(one.words)]));
  return documents
    .filter(({ id, search }) => !indexWords(search).every((word) => words.get(id)?.has(word)))
    .map(({ id }) => id);
}
