import { openSqlite, prepareForMany, prepareWithLimit, transaction, type Database } from '../../../sqlite.ts';
import type { Checkpoint, Row, RowBatch, RowPage, RowPlace, RowQuery, RowStore } from '../../readModel.ts';
import { MAX_COUNTED, rarestFirst, type KeyAhead } from '../../rarestKey.ts';
import { gatherPage } from '../../rowPage.ts';
import { checkpointTable } from './checkpointTable.ts';
import { guarded } from './guarded.ts';

export interface SqliteRowGeneration extends RowStore {
  /** The checkpoint, in the same turn of the event loop. */
  checkpointNow(): Checkpoint | null;
  close(): void;
}

/** The key that every row has, so that a query without keys is one like any other. */
const EVERY_ROW = '';
/** Rows looked at in one go where few of them belong. */
const LARGEST_CHUNK = 500;
/** Page cache in KiB: the upper levels of an index of millions of rows stay in memory. */
const CACHE_KIB = 4_096;

/** While a generation is filled nobody waits for a commit: fewer and larger copies of the write-ahead log into the file. */
const FILLING_CHECKPOINT_PAGES = 16_000;
const SERVING_CHECKPOINT_PAGES = 1_000;
/** For the one large sort at the end: with SQLite's own small cache it merges hundreds of runs instead of a few. */
const SORT_CACHE_KIB = 32_768;
const SORT_THREADS = 2;

/** A row as the walk meets it; null JSON where it does not belong. */
interface WalkRow {
  at: bigint;
  position: bigint;
  json: string | null;
}

type Bounds = [lowerAt: number, lowerPosition: bigint, upperAt: number, upperPosition: bigint];
type Statement = ReturnType<Database['prepare']>;

/**
 * One generation of one insert-only view in a file of its own. `keys` is the only index: a filter, a range of instants and both orders
 * are each one stretch of it. Rows and checkpoint move in one transaction.
 */
export function openRowGeneration(file: string): SqliteRowGeneration {
  const db = openSqlite(file, { synchronous: 'NORMAL' });
  db.exec(`
    PRAGMA cache_size = -${CACHE_KIB};
    CREATE TABLE IF NOT EXISTS rows (
      position INTEGER PRIMARY KEY,
      json TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS keys (
      key TEXT NOT NULL,
      at INTEGER NOT NULL,
      position INTEGER NOT NULL,
      PRIMARY KEY (key, at, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS filled (
      at INTEGER NOT NULL,
      position INTEGER NOT NULL,
      keys TEXT NOT NULL
    ) STRICT;
  `);
  const checkpoint = checkpointTable(db);
  const insertRows = prepareForMany(db, 'INSERT OR IGNORE INTO rows (position, json)', 2);
  const insertKeys = prepareForMany(db, 'INSERT OR IGNORE INTO keys (key, at, position)', 3);
  const fillKeys = prepareForMany(db, 'INSERT INTO filled (at, position, keys)', 3);
  const removeKeys = db.prepare('DELETE FROM keys WHERE position = ?');
  const removeRow = db.prepare('DELETE FROM rows WHERE position = ?');
  const scan = prepareWithLimit((limit) => {
    const statement = db.prepare(
      `SELECT position, json FROM rows WHERE position > ? ORDER BY position ${limit}`,
    );
    statement.setReadBigInts(true);
    return statement;
  });
  const count = db.prepare(`
    SELECT count(*) AS rows FROM (
      SELECT 1 FROM keys WHERE key = ? AND (at, position) > (?, ?) AND (at, position) < (?, ?) LIMIT ?
    )
  `);
  const places = { asc: placeOf('ASC'), desc: placeOf('DESC') };
  const walks = new Map<string, Statement>();

  /** The place of row number MAX_COUNTED of a key. */
  function placeOf(order: string): Statement {
    const statement = db.prepare(`
      SELECT at, position FROM keys WHERE key = ? AND (at, position) > (?, ?) AND (at, position) < (?, ?)
      ORDER BY at ${order}, position ${order} LIMIT 1 OFFSET ${MAX_COUNTED - 1}
    `);
    statement.setReadBigInts(true);
    return statement;
  }

  function write({ rows, from, to }: RowBatch): 'written' | 'refused' {
    if (!checkpoint.move(from, to)) return 'refused';
    insert(rows);
    return 'written';
  }

  function insert(rows: readonly Row[]): void {
    insertRows(valuesOf(rows));
    insertKeys(inOrderOfTheIndex(rows));
  }

  function fill({ rows, from, to }: RowBatch): 'written' | 'refused' {
    if (!checkpoint.move(from, to)) return 'refused';
    insertRows(valuesOf(rows));
    fillKeys(keyListsOf(rows));
    return 'written';
  }

  /** Rows that were filled get their keys in the order of the index: each of its pages is written once. */
  function seal(): void {
    db.exec(`PRAGMA threads = ${SORT_THREADS}; PRAGMA cache_size = -${SORT_CACHE_KIB}`);
    transaction(db, () => {
      db.exec(`
        INSERT OR IGNORE INTO keys (key, at, position)
          SELECT value, at, position FROM filled, json_each(filled.keys) ORDER BY value, at, position;
        DELETE FROM filled;
      `);
    });
    db.exec(`
      PRAGMA wal_autocheckpoint = ${SERVING_CHECKPOINT_PAGES};
      PRAGMA wal_checkpoint(TRUNCATE);
      PRAGMA threads = 0;
      PRAGMA cache_size = -${CACHE_KIB};
    `);
  }

  function repair(position: bigint, row: Row | null): void {
    // Without an index by position: a repair is rare, and may look through all keys.
    removeKeys.run(position);
    removeRow.run(position);
    if (row) insert([row]);
  }

  /** The walk along one key, with as many others to be there too. Of a row that lacks one the JSON is null. */
  function walkOf(others: number, order: RowQuery['order']): Statement {
    const name = `${others} ${order}`;
    const known = walks.get(name);
    if (known) return known;
    const hasOther =
      'AND EXISTS (SELECT 1 FROM keys f WHERE f.key = ? AND f.at = k.at AND f.position = k.position)';
    const made = db.prepare(`
      SELECT k.at, k.position,
        (SELECT json FROM rows WHERE position = k.position AND k.position <= ? ${`${hasOther} `.repeat(others)}) AS json
      FROM keys k
      WHERE k.key = ? AND (k.at, k.position) > (?, ?) AND (k.at, k.position) < (?, ?)
      ORDER BY k.at ${order}, k.position ${order}
      LIMIT ?
    `);
    made.setReadBigInts(true);
    walks.set(name, made);
    return made;
  }

  function keysByRarity(
    keys: readonly string[],
    bounds: Bounds,
    order: RowQuery['order'],
  ): readonly string[] {
    if (keys.length < 2) return keys;
    const ahead = keys.map((key): KeyAhead => {
      const place = places[order].get(key, ...bounds) as Pick<WalkRow, 'at' | 'position'> | undefined;
      if (place) {
        return { key, rows: MAX_COUNTED, farthest: { at: Number(place.at), position: place.position } };
      }
      const { rows } = count.get(key, ...bounds, MAX_COUNTED) as { rows: number };
      return { key, rows, farthest: null };
    });
    return rarestFirst(ahead, order);
  }

  function find({ keys, accepts, upTo, order, limit, scan, from, to, after }: RowQuery): RowPage {
    const range = { from, to, order };
    const [walked = EVERY_ROW, ...others] = keysByRarity(keys, boundsOf({ ...range, after }), order);
    const walk = walkOf(others.length, order);
    const page = gatherPage({ limit, scan });
    for (let [last, size] = [after, limit + 1]; ; size = Math.min(2 * size, LARGEST_CHUNK)) {
      const rows = walk.all(
        upTo,
        ...others,
        walked,
        ...boundsOf({ ...range, after: last }),
        size,
      ) as WalkRow[];
      for (const { at: instant, position, json } of rows) {
        const at = Number(instant);
        last = { at, position };
        const belongs = json !== null && (accepts === null || accepts(json));
        // Spelled out: rows made by a spread outlive their page until a major collection, 40 MB more in an export.
        if (!page.look(last, belongs ? { at, position, json } : null)) return page.end(false);
      }
      if (rows.length < size) return page.end(true);
    }
  }

  return {
    checkpointNow: checkpoint.read,
    checkpoint: async () => guarded(checkpoint.read),
    write: async (batch) => guarded(() => transaction(db, () => write(batch))),
    fill: async (batch) =>
      guarded(() => {
        db.exec(`PRAGMA wal_autocheckpoint = ${FILLING_CHECKPOINT_PAGES}`);
        return transaction(db, () => fill(batch));
      }),
    seal: async ({ signal, onProgress } = {}) => {
      if (signal?.aborted) return;
      guarded(seal);
      onProgress?.(1);
    },
    repair: async (position, row) => {
      guarded(() => {
        transaction(db, () => {
          repair(position, row);
        });
      });
    },
    find: async (query) => guarded(() => find(query)),
    scan: async ({ after, limit }) =>
      guarded(() => scan(limit).all(after ?? -1n) as { position: bigint; json: string }[]),
    close: () => {
      db.close();
    },
  };
}

/** All keys of a row. */
const keysOf = ({ keys }: Row): string[] => [EVERY_ROW, ...keys];

type Value = string | bigint | number;

// The values of many rows in one list each: made by pushing, which takes a fifth less of an insert than flattened lists of lists.

function valuesOf(rows: readonly Row[]): Value[] {
  const values: Value[] = [];
  for (const { position, json } of rows) values.push(position, json);
  return values;
}

function keyListsOf(rows: readonly Row[]): Value[] {
  const values: Value[] = [];
  for (const row of rows) values.push(row.at, row.position, JSON.stringify(keysOf(row)));
  return values;
}

/** The keys of a batch, so that what stands side by side is written one after the other: with several rows a statement, half the time of one row after the other. */
function inOrderOfTheIndex(rows: readonly Row[]): Value[] {
  const entries: { key: string; row: Row }[] = [];
  for (const row of rows) for (const key of keysOf(row)) entries.push({ key, row });
  entries.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
  const values: Value[] = [];
  for (const { key, row } of entries) values.push(key, row.at, row.position);
  return values;
}

/** The stretch of (at, position) that a query walks through, both ends left out. Positions are never below 0. */
function boundsOf({ from, to, after, order }: Pick<RowQuery, 'from' | 'to' | 'after' | 'order'>): Bounds {
  const lower: RowPlace = { at: from ?? Number.MIN_SAFE_INTEGER, position: -1n };
  const upper: RowPlace = { at: to ?? Number.MAX_SAFE_INTEGER, position: -1n };
  const start = after && order === 'asc' && isBefore(lower, after) ? after : lower;
  const end = after && order === 'desc' && isBefore(after, upper) ? after : upper;
  return [start.at, start.position, end.at, end.position];
}

const isBefore = (a: RowPlace, b: Pick<Row, 'at' | 'position'>): boolean =>
  a.at === b.at ? a.position < b.position : a.at < b.at;
