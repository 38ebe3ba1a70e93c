import { Long, type Collection, type Filter } from 'mongodb';
import { ReadModelError, type Row, type RowPage, type RowPlace, type RowQuery } from '../../readModel.ts';
import { gatherPage } from '../../rowPage.ts';
import { isDuplicateKey, whenAnswered } from './answers.ts';

/** A row as stored; its position is its `_id`. */
export interface StoredRow extends Omit<Row, 'position' | 'keys'> {
  /** Read back as a number where that is exact. */
  _id: Long | number;
  keys: string[];
}

/** Every filter, with a range of instants and in both orders, is one stretch of the first; a question without a filter of the second. */
const BY_KEY = { keys: 1, at: 1, _id: 1 } as const;
const BY_INSTANT = { at: 1, _id: 1 } as const;
/** So many go in one command, so that its time limit leaves 10 ms for each. */
const CHUNK = 1_000;
/** Each round ends with at least one writer further; more than a few means that somebody hammers these rows. */
const ROUNDS = 10;
/** Rows counted at most, to find the key with the fewest. */
const COUNTED = 1_000;
/** Rows fetched at a time while looking for those that belong. */
const FETCHED = 200;

export async function prepareRows(collection: Collection<StoredRow>): Promise<void> {
  await whenAnswered(async () => {
    await collection.createIndex(BY_KEY);
    await collection.createIndex(BY_INSTANT);
  });
}

/** Inserts each row unless it is there. Resolves when all of them are. */
export async function insertRows(
  collection: Collection<StoredRow>,
  rows: readonly Row[],
  maxTimeMS: number,
): Promise<void> {
  for (let start = 0; start < rows.length; start += CHUNK) {
    const chunk = rows.slice(start, start + CHUNK).map(toStored);
    await whenAnswered(() => insertChunk(collection, chunk, maxTimeMS));
  }
}

/** A row that is there already is the same one: rows follow from their events. Which ones are missing, only what is stored tells. */
async function insertChunk(
  collection: Collection<StoredRow>,
  chunk: readonly StoredRow[],
  maxTimeMS: number,
): Promise<void> {
  let missing = chunk;
  for (let round = 1; round <= ROUNDS && missing.length > 0; round++) {
    try {
      await collection.insertMany(missing, { ordered: false, ignoreUndefined: true, maxTimeMS });
      return;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const stored = await collection
      .find(
        { _id: { $in: missing.map(({ _id }) => _id) } },
        { projection: { _id: 1 }, batchSize: CHUNK, maxTimeMS },
      )
      .toArray();
    const there = new Set(stored.map(({ _id }) => _id.toString()));
    missing = missing.filter(({ _id }) => !there.has(_id.toString()));
  }
  if (missing.length > 0) throw new ReadModelError('MongoDB: other writers keep inserting the same rows');
}

/**
 * Walks along one key's stretch of the index, in the order of the page, and looks at each row itself whether it belongs: so the server
 * never searches further than `scan` rows for one page, whatever it thinks of the filters.
 */
export async function findRows(
  collection: Collection<StoredRow>,
  query: RowQuery,
  maxTimeMS: number,
): Promise<RowPage> {
  return whenAnswered(async () => {
    const { accepts, limit, order, scan, upTo } = query;
    const [walked, ...others] = await rarestFirst(collection, query, maxTimeMS);
    const direction = order === 'asc' ? 1 : -1;
    const page = gatherPage({ limit, scan });
    const cursor = collection.find(stretchOf(query, walked), {
      hint: walked === undefined ? BY_INSTANT : BY_KEY,
      sort: { at: direction, _id: direction },
      limit: scan + 1,
      batchSize: Math.max(limit + 1, FETCHED),
      maxTimeMS,
    });
    for await (const { _id, at, keys, json } of cursor) {
      const position = BigInt(_id.toString());
      const belongs =
        position <= upTo && others.every((key) => keys.includes(key)) && (accepts === null || accepts(json));
      if (!page.look({ at, position }, belongs ? { at, position, json } : null)) return page.end(false);
    }
    return page.end(true);
  });
}

/** The keys, that with the fewest rows in the query's stretch first. */
async function rarestFirst(
  collection: Collection<StoredRow>,
  query: RowQuery,
  maxTimeMS: number,
): Promise<readonly string[]> {
  const { keys } = query;
  if (keys.length < 2) return keys;
  const counted = await Promise.all(
    keys.map(async (key) => {
      const rows = await collection.countDocuments(stretchOf(query, key), {
        hint: BY_KEY,
        limit: COUNTED,
        maxTimeMS,
      });
      return { key, rows };
    }),
  );
  return counted.sort((a, b) => a.rows - b.rows).map(({ key }) => key);
}

function stretchOf({ from, to, after, order }: RowQuery, key: string | undefined): Filter<StoredRow> {
  const bounds: Filter<StoredRow>[] = [];
  if (from !== null) bounds.push({ at: { $gte: from } });
  if (to !== null) bounds.push({ at: { $lt: to } });
  if (after) bounds.push(...behind(after, order));
  return { ...(key === undefined ? {} : { keys: key }), ...(bounds.length > 0 ? { $and: bounds } : {}) };
}

/** The first bound says what the second implies, in the form that becomes the start of an index scan. */
function behind({ at, position }: RowPlace, order: RowQuery['order']): Filter<StoredRow>[] {
  const _id = Long.fromBigInt(position);
  return order === 'asc'
    ? [{ at: { $gte: at } }, { $or: [{ at: { $gt: at } }, { at, _id: { $gt: _id } }] }]
    : [{ at: { $lte: at } }, { $or: [{ at: { $lt: at } }, { at, _id: { $lt: _id } }] }];
}

const toStored = ({ position, at, keys, json }: Row): StoredRow => ({
  _id: Long.fromBigInt(position),
  at,
  keys: [...keys],
  json,
});
