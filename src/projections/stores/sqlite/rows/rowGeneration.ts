import { markForScrub, scrubIfMarked } from '../../../../platform/sqlite/scrub.ts';
import { openSqlite, syncToDisk, transaction } from '../../../../platform/sqlite/sqlite.ts';
import { prepareForMany, prepareWithLimit, type Statement } from '../../../../platform/sqlite/statements.ts';
import {
  expectSynced,
  isMarkedUnsynced,
  unsyncedWriting,
} from '../../../../platform/sqlite/unsyncedWriting.ts';
import { whenUnlocked } from '../../../../platform/sqlite/whenUnlocked.ts';
import type { SealOptions } from '../../../ports/documents.ts';
import { MAX_COUNTED, rarestFirst, type KeyAhead } from '../../../ports/rarestKey.ts';
import { gatherPage } from '../../../ports/rowPage.ts';
import type { Row, RowBatch, RowPage, RowQuery, RowStore } from '../../../ports/rows.ts';
import { CHECKPOINT_SCHEMA, checkpointTable, type GenerationFile } from '../generation/checkpointTable.ts';
import { guardFor, type OnDamaged } from '../generation/guarded.ts';
import { KEY_RUNS_SCHEMA, keyRuns } from './keyRuns.ts';
import { rowErasure } from './rowErasure.ts';
import { boundsOf, EVERY_ROW, keyValues, rowValues, type Bounds } from './rowKeys.ts';

/** Rows examined per chunk if few of them match. */
const MAX_CHUNK = 500;
/** Page cache in MiB: the upper levels of an index of millions of rows stay in memory. */
const CACHE_MIB = 4;

/** During a build nothing waits for a commit, so write-ahead log checkpoints are fewer and larger. */
const FILLING_CHECKPOINT_PAGES = 16_000;
const SERVING_CHECKPOINT_PAGES = 1_000;

/** A row met by the walk; its JSON is null if it does not match. */
interface WalkRow {
  at: bigint;
  position: bigint;
  json: string | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS file.rows (
    position INTEGER PRIMARY KEY,
    json TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS file.keys (
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (key, at, position)
  ) STRICT, WITHOUT ROWID;
  ${KEY_RUNS_SCHEMA}
  ${CHECKPOINT_SCHEMA}
`;

/** The entries of one key within bounds; see boundsOf. */
const IN_RANGE = 'key = ? AND (at, position) > (?, ?) AND (at, position) < (?, ?)';

/**
 * One generation of an insert-only view in its own file. `keys` is the only index: every query, in
 * either order, walks one range of it. Rows and checkpoint change in one transaction.
 */
export function openRowGeneration(file: string, onDamaged: OnDamaged): RowStore & GenerationFile {
  const guarded = guardFor(file, onDamaged);
  const db = guarded.now(() => {
    expectSynced(file);
    const journal = isMarkedUnsynced(file) ? 'as stored' : 'WAL';
    return openSqlite(file, { synchronous: 'NORMAL', cacheMiB: CACHE_MIB, journal }, (opened) => {
      opened.exec(SCHEMA);
    });
  });
  const bulk = unsyncedWriting(db, file, CACHE_MIB);
  const checkpoint = checkpointTable(db);
  const insertRows = prepareForMany(db, 'INSERT OR IGNORE INTO rows (position, json)', 2);
  const insertKeys = prepareForMany(db, 'INSERT OR IGNORE INTO keys (key, at, position)', 3);
  const runs = keyRuns(db);
  const eraseRows = rowErasure(db);
  const removeKeys = db.prepare('DELETE FROM keys WHERE position = ?');
  const removeRow = db.prepare('DELETE FROM rows WHERE position = ?');
  const scan = prepareWithLimit((limit) =>
    prepareExact(`SELECT position, json FROM rows WHERE position > ? ORDER BY position ${limit}`),
  );
  const count = db.prepare(`SELECT count(*) AS rows FROM (SELECT 1 FROM keys WHERE ${IN_RANGE} LIMIT ?)`);
  const isEntry = db.prepare('SELECT 1 FROM keys WHERE key = ? AND at = ? AND position = ?');
  const countEntries = db.prepare('SELECT count(*) AS entries FROM keys WHERE position <= ? AND key <> ?');
  const places = { asc: placeOf('ASC'), desc: placeOf('DESC') };
  const walks = new Map<string, Statement>();

  /** Positions can exceed what a number holds exactly. */
  function prepareExact(sql: string): Statement {
    const statement = db.prepare(sql);
    statement.setReadBigInts(true);
    return statement;
  }

  /** The place of a key's row number MAX_COUNTED. */
  function placeOf(order: string): Statement {
    return prepareExact(`
      SELECT at, position FROM keys WHERE ${IN_RANGE}
      ORDER BY at ${order}, position ${order} LIMIT 1 OFFSET ${MAX_COUNTED - 1}
    `);
  }

  function write({ rows, from, to }: RowBatch, put: (rows: readonly Row[]) => void): 'written' | 'refused' {
    if (!checkpoint.move(from, to)) return 'refused';
    put(rows);
    return 'written';
  }

  function insert(rows: readonly Row[]): void {
    insertRows(rowValues(rows));
    insertKeys(keyValues(rows));
  }

  function fill(rows: readonly Row[]): void {
    insertRows(rowValues(rows));
    runs.add(rows);
  }

  async function seal({ signal, onProgress }: SealOptions): Promise<void> {
    await runs.merge({ signal, onProgress });
    if (signal?.aborted) return;
    bulk.end();
    db.exec(`PRAGMA wal_autocheckpoint = ${SERVING_CHECKPOINT_PAGES}`);
    syncToDisk(db);
  }

  function repair(position: bigint, row: Row | null): void {
    transaction(db, () => {
      // There is no index by position: repairs are rare and may scan all keys.
      removeKeys.run(position);
      removeRow.run(position);
      if (row) insert([row]);
    });
  }

  async function erase(rows: readonly Row[], keysIn: (json: string) => readonly string[]): Promise<void> {
    transaction(db, () => {
      if (eraseRows(rows, keysIn) > 0) markForScrub(db);
    });
    await whenUnlocked(() => {
      scrubIfMarked(db);
    });
  }

  /** Walks one key and checks `others` further keys. The JSON of a row that lacks one is null. */
  function walkOf(others: number, order: RowQuery['order']): Statement {
    const name = `${others} ${order}`;
    const known = walks.get(name);
    if (known) return known;
    const hasOther =
      'AND EXISTS (SELECT 1 FROM keys f WHERE f.key = ? AND f.at = k.at AND f.position = k.position)';
    const made = prepareExact(`
      SELECT at, position,
        (SELECT json FROM rows WHERE position = k.position AND k.position <= ? ${`${hasOther} `.repeat(others)}) AS json
      FROM keys k WHERE ${IN_RANGE} ORDER BY at ${order}, position ${order} LIMIT ?
    `);
    walks.set(name, made);
    return made;
  }

  function keysByRarity({ keys, order }: RowQuery, bounds: Bounds): readonly string[] {
    if (keys.length < 2) return keys;
    const ahead = keys.map((key): KeyAhead => {
      const place = places[order].get(key, ...bounds) as Pick<WalkRow, 'at' | 'position'> | undefined;
      if (place) return { key, ahead: { at: Number(place.at), position: place.position } };
      const { rows } = count.get(key, ...bounds, MAX_COUNTED) as { rows: number };
      return { key, ahead: rows };
    });
    return rarestFirst(ahead, order);
  }

  function find(query: RowQuery): RowPage {
    const { accepts, upTo, order, limit, scan, after } = query;
    const [walked = EVERY_ROW, ...others] = keysByRarity(query, boundsOf(query));
    const walk = walkOf(others.length, order);
    const page = gatherPage({ limit, scan });
    for (let [last, size] = [after, limit + 1]; ; size = Math.min(2 * size, MAX_CHUNK)) {
      const bounds = boundsOf({ ...query, after: last });
      const rows = walk.all(upTo, ...others, walked, ...bounds, size) as WalkRow[];
      for (const { at: instant, position, json } of rows) {
        const at = Number(instant);
        last = { at, position };
        const belongs = json !== null && (accepts === null || accepts(json));
        // Not a spread: spread rows survive until a major garbage collection: 40 MB in an export.
        if (!page.look(last, belongs ? { at, position, json } : null)) return page.end(false);
      }
      if (rows.length < size) return page.end(true);
    }
  }

  return {
    checkpointNow: checkpoint.read,
    checkpoint: () => guarded(checkpoint.read),
    write: (batch) => guarded(() => transaction(db, () => write(batch, insert))),
    fill: (batch) =>
      guarded(() => {
        bulk.begin();
        db.exec(`PRAGMA wal_autocheckpoint = ${FILLING_CHECKPOINT_PAGES}`);
        return transaction(db, () => write(batch, fill));
      }),
    seal: (options = {}) => guarded(() => seal(options)),
    repair: (position, row) =>
      guarded(() => {
        repair(position, row);
      }),
    erase: (rows, keysIn) => guarded(() => erase(rows, keysIn)),
    find: (query) => guarded(() => find(query)),
    scan: ({ after, limit }) =>
      guarded(() => scan(limit).all(after ?? -1n) as { position: bigint; json: string }[]),
    misplaced: (rows) =>
      guarded(() =>
        rows
          .filter((row) => ![EVERY_ROW, ...row.keys].every((key) => isEntry.get(key, row.at, row.position)))
          .map(({ position }) => position),
      ),
    countEntries: (upTo) => guarded(() => (countEntries.get(upTo, EVERY_ROW) as { entries: number }).entries),
    close: () => {
      try {
        bulk.end();
      } finally {
        db.close();
      }
    },
  };
}
