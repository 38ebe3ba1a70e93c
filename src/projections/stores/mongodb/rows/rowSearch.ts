import { Long, type Filter } from 'mongodb';
import type { TimedCollection } from '../../../../platform/mongodb/connection.ts';
import { MAX_COUNTED, rarestFirst, type KeyAhead } from '../../../ports/rarestKey.ts';
import { gatherPage } from '../../../ports/rowPage.ts';
import type { Row, RowPage, RowPlace, RowQuery } from '../../../ports/rows.ts';
import { answered, findAll } from '../generation/answered.ts';
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
    const page = gatherPage({ limit, scan });
    // Without filters one batch is the whole page, so no cursor stays open.
    const isPlain = others.length === 0 && accepts === null;
    const most = isPlain ? Math.min(limit, scan) + 1 : scan + 1;
    const cursor = collection.find(stretchOf(query, walked), {
      hint: walked === undefined ? BY_INSTANT : BY_KEY,
      sort: inOrder(order),
      limit: most,
      batchSize: isPlain ? most : Math.max(limit + 1, MIN_BATCH),
      maxTimeMS,
    });
    let read = 0;
    for await (const { _id, at, keys, json } of cursor) {
      read += 1;
      const position = positionOf(_id);
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
  const ahead = await Promise.all(
    keys.map(async (key): Promise<KeyAhead> => {
      const stretch = stretchOf(query, key);
      const toFarthest = { hint: BY_KEY, sort: inOrder(order), skip: MAX_COUNTED - 1, maxTimeMS };
      const farthest = await collection.findOne(stretch, { ...toFarthest, projection: { at: 1 } });
      if (farthest) return { key, ahead: { at: farthest.at, position: positionOf(farthest._id) } };
      const counting = { hint: BY_KEY, limit: MAX_COUNTED, maxTimeMS };
      return { key, ahead: await collection.countDocuments(stretch, counting) };
    }),
  );
  return rarestFirst(ahead, order);
}

const inOrder = (order: RowQuery['order']) =>
  order === 'asc' ? ({ at: 1, _id: 1 } as const) : ({ at: -1, _id: -1 } as const);

/** Positions are read back as numbers if those are exact. */
const positionOf = (_id: StoredRow['_id']): bigint => BigInt(_id.toString());

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
  stored: TimedCollection<StoredRow>,
  { after, limit }: { after: Row['position'] | null; limit: number },
): Promise<Pick<Row, 'position' | 'json'>[]> {
  const filter = after === null ? {} : { _id: { $gt: Long.fromBigInt(after) } };
  const found = await findAll(stored, filter, { projection: { json: 1 }, sort: { _id: 1 }, limit });
  return found.map(({ _id, json }) => ({ position: positionOf(_id), json }));
}

/** The rows whose instant or keys are not the stored ones. The server's indexes agree with its rows. */
export async function misplacedRows(
  stored: TimedCollection<StoredRow>,
  rows: readonly Row[],
): Promise<Row['position'][]> {
  if (rows.length === 0) return [];
  const filter = { _id: { $in: rows.map(({ position }) => Long.fromBigInt(position)) } };
  const found = await findAll(stored, filter, { projection: { at: 1, keys: 1 }, limit: rows.length });
  const placeOf = (at: number, keys: readonly string[]): string => JSON.stringify([at, ...[...keys].sort()]);
  const places = new Map(found.map(({ _id, at, keys }) => [_id.toString(), placeOf(at, keys)]));
  return rows
    .filter(({ position, at, keys }) => places.get(String(position)) !== placeOf(at, keys))
    .map(({ position }) => position);
}
