import { Long, type Collection, type Filter } from 'mongodb';
import type { Row, RowPage, RowPlace, RowQuery } from '../../readModel.ts';
import { gatherPage } from '../../rowPage.ts';
import { whenAnswered } from './answers.ts';
import { BY_INSTANT, BY_KEY, type StoredRow } from './rows.ts';

/** Rows counted at most, to find the key with the fewest. */
const COUNTED = 1_000;
/** Rows fetched at a time while looking for those that belong. */
const FETCHED = 200;

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

/** A stretch of all rows in the order of their positions. */
export async function scanRows(
  collection: Collection<StoredRow>,
  { after, limit }: { after: Row['position'] | null; limit: number },
  maxTimeMS: number,
): Promise<Pick<Row, 'position' | 'json'>[]> {
  return whenAnswered(async () => {
    const found = await collection
      .find(after === null ? {} : { _id: { $gt: Long.fromBigInt(after) } }, {
        projection: { json: 1 },
        sort: { _id: 1 },
        limit,
        batchSize: limit,
        maxTimeMS,
      })
      .toArray();
    return found.map(({ _id, json }) => ({ position: BigInt(_id.toString()), json }));
  });
}
