import type { Filter } from 'mongodb';
import type { TimedCollection } from '../../../../platform/mongodb/connection.ts';
import { indexWords, MAX_SEARCHED, type SearchIndex, type Searched } from '../../../views/search.ts';
import { answered, findAll } from '../generation/answered.ts';
import { BY_WORD, type StoredDocument } from './documents.ts';

/** The index that pages of a collection are searched in. */
export function searchIndex(stored: TimedCollection<StoredDocument>): SearchIndex {
  const { collection, maxTimeMS } = stored;
  const texts = async (filter: Filter<StoredDocument>, limit: number): Promise<Searched[]> => {
    const options = { projection: { search: 1 }, sort: { _id: 1 }, limit } as const;
    const found = await findAll(stored, { ...filter, body: { $ne: null } }, options);
    return found.map(({ _id, search }) => ({ id: _id, search }));
  };
  return {
    count(prefix) {
      const options = { hint: BY_WORD, limit: MAX_SEARCHED + 1, maxTimeMS };
      return answered(() => collection.countDocuments(startingWith(prefix), options));
    },
    async ids(prefix, after) {
      const options = { hint: BY_WORD, projection: { _id: 1 }, limit: MAX_SEARCHED };
      const found = await findAll(stored, { ...startingWith(prefix), _id: { $gt: after } }, options);
      return found.map(({ _id }) => _id);
    },
    walk: (after, limit) => texts({ _id: { $gt: after } }, limit),
    texts: (ids) => texts({ _id: { $in: [...ids] } }, ids.length),
  };
}

/** An anchored pattern is an index range. Prefixes have only letters and digits: nothing to escape. */
const startingWith = (prefix: string): Filter<StoredDocument> => ({ words: { $regex: `^${prefix}` } });

/** The documents whose stored words are not those of their text. The server's index agrees with them. */
export async function unfindableDocuments(
  stored: TimedCollection<StoredDocument>,
  documents: readonly Searched[],
): Promise<number[]> {
  if (documents.length === 0) return [];
  const _ids = documents.map(({ id }) => id);
  const found = await findAll(
    stored,
    { _id: { $in: _ids } },
    { projection: { words: 1 }, limit: _ids.length },
  );
  const words = new Map(found.map((one) => [one._id, new Set(one.words)]));
  return documents
    .filter(({ id, search }) => !indexWords(search).every((word) => words.get(id)?.has(word)))
    .map(({ id }) => id);
}
