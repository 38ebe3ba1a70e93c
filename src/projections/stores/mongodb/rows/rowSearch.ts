import { Long, type Filter } from 'mongodb';
import type { Row, RowPage, RowPlace, RowQuery } from '../../../ports/rows.ts';
import { MAX_COUNTED, rarestFirst, type KeyAhead } from '../../../ports/rarestKey.ts';
import { gatherPage } from '../../../ports/rowPage.ts';
import { answered } from '../generation/answered.ts';
import type { TimedCollection } from '../../../../platform/mongodb/connection.ts';
import { BY_INSTANT, BY_KEY, type StoredRow } from './rows.ts';

/** Rows per fetch while filtering. */
const MIN_BATCH = 200;

/**
 * Walks one key's range of the index in page order and filters the rows here, so that the server
 * never searches beyond `scan` rows for a page, however it plans the query.
 */
export async function findRows(stored: TimedCollection<StoredRow>, query: RowQuery): Promise<RowPage> {
  const { collection, maxTimeMS } = stored;
  return answered(async () => {
    const { accepts, limit, order, scan, upTo } = query;
    const [walked, ...others] = await keysByRarity(stored, query);
    const direction = order === 'asc' ? 1 : -1;
    const page = gatherPage({ limit, scan });
    // Without filters one batch is the whole page, so no cursor stays open.
    const isPlain = others.length === 0 && accepts === null;
    const most = isPlain ? Math.min(limit, scan) + 1 : scan + 1;
    const cursor = collection.find(stretchOf(query, walked), {
      hint: walked === undefined ? BY_INSTANT : BY_KEY,
      sort: { at: direction, _id: direction },
      limit: most,
      batchSize: isPlain ? most : Math.max(limit + 1, MIN_BATCH),
      maxTimeMS,
    });
    let read = 0;
    for await (const { _id, at, keys, json } of cursor) {
      read += 1;
      const position = BigInt(_id.toString());
      const belongs =
        position <= upTo && others.every((key) => keys.includes(key)) && (accepts === null || accepts(json));
      if (!page.look({ at, position }, belongs ? { at, position, json } : null)) return page.end(false);
    }
    return page.end(read < most);
  });
}

async function keysByRarity(
  { collection, maxTimeMS }: TimedCollection<StoredRow>,
  query: RowQuery,
): Promise<readonly string[]> {
  const { keys, order } = query;
  if (keys.length < 2) return keys;
  const direction = order === 'asc' ? 1 : -1;
  const ahead = await Promise.all(
    keys.map(async (key): Promise<KeyAhead> => {
      const stretch = stretchOf(query, key);
      const [farthest] = await collection
        .find(stretch, {
          hint: BY_KEY,
          sort: { at: direction, _id: direction },
          skip: MAX_COUNTED - 1,
          limit: 1,
          projection: { at: 1 },
          maxTimeMS,
        })
        .toArray();
      if (farthest) {
        const place = { at: farthest.at, position: BigInt(farthest._id.toString()) };
        return { key, rows: MAX_COUNTED, farthest: place };
      }
      const options = { hint: BY_KEY, limit: MAX_COUNTED, maxTimeMS };
      return { key, rows: await collection.countDocuments(stretch, options), farthest: null };
    }),
  );
  return rarestFirst(ahead, order);
}

function stretchOf({ from, to, after, order }: RowQuery, key: string | undefined): Filter<StoredRow> {
  const bounds: Filter<StoredRow>[] = [];
  if (from !== null) bounds.push({ at: { $gte: from } });
  if (to !== null) bounds.push({ at: { $lt: to } });
  if (after) bounds.push(...behind(after, order));
  return { ...(key === undefined ? {} : { keys: key }), ...(bounds.length > 0 ? { $and: bounds } : {}) };
}

/** The second condition implies the first, which is there for an index scan to start from. */
function behind({ at, position }: RowPlace, order: RowQuery['order']): Filter<StoredRow>[] {
  const _id = Long.fromBigInt(position);
  return order === 'asc'
    ? [{ at: { $gte: at } }, { $or: [{ at: { $gt: at } }, { at, _id: { $gt: _id } }] }]
    : [{ at: { $lte: at } }, { $or: [{ at: { $lt: at } }, { at, _id: { $lt: _id } }] }];
}

/** A range of all rows in position order. */
export async function scanRows(
  { collection, maxTimeMS }: TimedCollection<StoredRow>,
  { after, limit }: { after: Row['position'] | null; limit: number },
): Promise<Pick<Row, 'position' | 'json'>[]> {
  return answered(async () => {
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

/** The rows whose instant or keys are not the stored ones. The server's indexes agree with its rows. */
export async function misplacedRows(
  { collection, maxTimeMS }: TimedCollection<StoredRow>,
  rows: readonly Row[],
): Promise<Row['position'][]> {
  const _ids = rows.map(({ position }) => Long.fromBigInt(position));
  const stored = await answered(() =>
    collection
      .find({ _id: { $in: _ids } }, { projection: { at: 1, keys: 1 }, batchSize: rows.length + 1, maxTimeMS })
      .toArray(),
  );
  const placeOf = (at: number, keys: readonly string[]): string => JSON.stringify([at, ...[...keys].sort()]);
  const places = new Map(stored.map(({ _id, at, keys }) => [_id.toString(), placeOf(at, keys)]));
  return rows
    .filter(({ position, at, keys }) => places.get(String(position)) !== placeOf(at, keys))
    .map(({ position }) => position);
}
