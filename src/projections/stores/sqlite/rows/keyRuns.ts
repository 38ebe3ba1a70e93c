import { setImmediate as nextTurn } from 'node:timers/promises';
import { prepareForMany } from '../../../../platform/sqlite/statements.ts';
import { transaction, type Database } from '../../../../platform/sqlite/sqlite.ts';
import { whenUnlocked } from '../../../../platform/sqlite/whenUnlocked.ts';
import type { Row } from '../../../ports/rows.ts';
import type { SealOptions } from '../../../ports/documents.ts';
import { EVERY_ROW } from './rowKeys.ts';

/** Entries per sample; the ranges are chosen by the samples. */
const SAMPLE_EVERY = 500;
/** Entries that one transaction moves into the index, approximately: some 100 ms. */
const RANGE_ENTRIES = 20_000;
/** With more runs a range takes more entries, because it rewrites about one page of each run. */
const MIN_ENTRIES_PER_RUN = 100;

/**
 * The index entries of a generation that is being built. Inserted as they come, they would rewrite
 * most index pages again and again. Instead each batch's entries are kept as a sorted run, and
 * sealing merges all runs into the index one key range at a time: each index page is written about
 * once, and finished ranges stay finished wherever the merge stops.
 */
export interface KeyRuns {
  /** Keeps the entries of these rows, within the transaction that inserts them. */
  add(rows: readonly Row[]): void;
  /**
   * Moves all entries into the index. Ends early, after a range, when the signal aborts; a repeat
   * continues.
   */
  merge(options: SealOptions): Promise<void>;
}

/** An entry's place in index order. */
type Place = readonly [key: string, at: bigint, position: bigint];

/** `batch` is empty between transactions: SQLite sorts its rows into a run. */
export const KEY_RUNS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS file.runs (
    run INTEGER NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (run, key, at, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS file.run_numbers (run INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE IF NOT EXISTS file.samples (
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    position INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS file.batch (
    at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    keys TEXT NOT NULL
  ) STRICT;
`;

/** Writes in index order and reads only the runs' parts within the range. */
const moveWhere = (condition: string): string => `
  INSERT OR IGNORE INTO keys (key, at, position)
    SELECT key, at, position FROM run_numbers CROSS JOIN runs USING (run) WHERE ${condition}
    ORDER BY key, at, position
`;
const UP_TO = '(key, at, position) <= (?, ?, ?)';

/** The runs of a file that has KEY_RUNS_SCHEMA and the index `keys`. */
export function keyRuns(db: Database): KeyRuns {
  const insertBatch = prepareForMany(db, 'INSERT INTO batch (at, position, keys)', 3);
  const insertSamples = prepareForMany(db, 'INSERT INTO samples (key, at, position)', 3);
  const begin = db.prepare('INSERT INTO run_numbers (run) SELECT coalesce(max(run), 0) + 1 FROM run_numbers');
  const sortBatch = db.prepare(`
    INSERT INTO runs (run, key, at, position)
      SELECT ?, entry.value, at, position FROM batch, json_each(batch.keys) AS entry
      ORDER BY entry.value, at, position
  `);
  const samples = db.prepare('SELECT key, at, position FROM samples');
  samples.setReadBigInts(true);
  samples.setReturnArrays(true);
  const moveUpTo = db.prepare(moveWhere(UP_TO));
  const removeUpTo = db.prepare(`DELETE FROM runs WHERE run IN (SELECT run FROM run_numbers) AND ${UP_TO}`);
  const moveAll = db.prepare(moveWhere('true'));

  /**
   * Entries since the last sample, counted across batches so that many small ones are sampled too.
   */
  let sinceSample = 0;

  function add(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const batch: (string | number | bigint)[] = [];
    const sampled: (string | number | bigint)[] = [];
    for (const { at, position, keys } of rows) {
      const all = [EVERY_ROW, ...keys];
      batch.push(at, position, JSON.stringify(all));
      sinceSample += all.length;
      if (sinceSample < SAMPLE_EVERY) continue;
      sinceSample -= SAMPLE_EVERY;
      // Rotates through the row's keys.
      sampled.push(all[sinceSample % all.length] ?? EVERY_ROW, at, position);
    }
    insertBatch(batch);
    insertSamples(sampled);
    sortBatch.run(begin.run().lastInsertRowid);
    db.exec('DELETE FROM batch');
  }

  /** The places that end the ranges, in order; the last range is open. */
  function rangeEnds(): Place[] {
    const { runs } = db.prepare('SELECT count(*) AS runs FROM run_numbers').get() as { runs: number };
    const entries = Math.max(RANGE_ENTRIES, runs * MIN_ENTRIES_PER_RUN);
    const everyNth = Math.ceil(entries / SAMPLE_EVERY);
    const inOrder = (samples.all() as unknown as Place[]).sort(comparePlaces);
    return inOrder.filter((_, index) => index % everyNth === everyNth - 1);
  }

  function moveRange(end: Place | null): void {
    if (end) {
      moveUpTo.run(...end);
      removeUpTo.run(...end);
    } else {
      moveAll.run();
      db.exec('DELETE FROM runs; DELETE FROM run_numbers; DELETE FROM samples');
    }
  }

  async function merge({ signal, onProgress }: SealOptions): Promise<void> {
    const ends = [...rangeEnds(), null];
    for (const [done, end] of ends.entries()) {
      if (signal?.aborted) return;
      await whenUnlocked(() => {
        transaction(db, () => {
          moveRange(end);
        });
      });
      onProgress?.((done + 1) / ends.length);
      // Let messages to this thread through, such as a stop.
      await nextTurn();
    }
  }

  return { add, merge };
}

/** Need not match SQLite's order exactly: a few entries more or less in a range do no harm. */
function comparePlaces([key, at, position]: Place, [otherKey, otherAt, otherPosition]: Place): number {
  if (key !== otherKey) return key < otherKey ? -1 : 1;
  if (at !== otherAt) return at < otherAt ? -1 : 1;
  return position < otherPosition ? -1 : Number(position > otherPosition);
}

/**
 * Before key runs, a build kept its keys in another table; a rebuild begun then is completed with
 * them.
 */
export function adoptOldFill(db: Database): void {
  if (!db.prepare("SELECT 1 FROM file.sqlite_schema WHERE name = 'filled'").get()) return;
  transaction(db, () => {
    db.exec(`
      INSERT OR IGNORE INTO keys (key, at, position)
        SELECT value, at, position FROM filled, json_each(filled.keys) ORDER BY value, at, position;
      DROP TABLE file.filled;
    `);
  });
}
