import { setImmediate as nextTurn } from 'node:timers/promises';
import { prepareForMany } from '../../../../platform/sqlite/statements.ts';
import { transaction, type Database } from '../../../../platform/sqlite/sqlite.ts';
import { whenUnlocked } from '../../../../platform/sqlite/whenUnlocked.ts';
import type { Row } from '../../../ports/rows.ts';
import type { SealOptions } from '../../../ports/documents.ts';
import { rowsByKey, type Value } from './rowKeys.ts';

/** Entries per sample. The samples decide where the ranges of a merge end. */
const SAMPLE_EVERY = 500;
/** Entries that one transaction moves into the index, approximately; about 100 ms. */
const RANGE_ENTRIES = 20_000;
/** With many runs a range takes more entries, because it rewrites about one page of each run. */
const MIN_ENTRIES_PER_RUN = 100;

/**
 * The entries of a key with at least this many rows in a batch go to the index at once: they are
 * neighbours there and share pages. In a log of edits that is all but two entries of each row.
 */
const MIN_NEIGHBOURS = 16;

/** An entry's place in index order. */
type Place = readonly [key: string, at: bigint, position: bigint];
const BEFORE_ALL: Place = ['', BigInt(Number.MIN_SAFE_INTEGER), -1n];

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
`;

/** Columns of an entry in a run. */
const RUN_COLUMNS = 4;

/** A row's place as a member of a JSON object: SQLite reads a list of them in half the time of binding each value. */
const placeIn = ({ position, at }: Row): string => `"${position}":${at}`;

/** Writes in index order and reads only the runs' parts within the range. */
const copyWhere = (condition: string): string => `
  INSERT OR IGNORE INTO keys (key, at, position)
    SELECT key, at, position FROM run_numbers CROSS JOIN runs USING (run) WHERE ${condition}
    ORDER BY key, at, position
`;
const AFTER = '(key, at, position) > (?, ?, ?)';
const UP_TO = '(key, at, position) <= (?, ?, ?)';

/**
 * The index entries of a generation that is being built, in a file that has KEY_RUNS_SCHEMA and the
 * index `keys`. Inserting those of rare keys as they come would rewrite most index pages again and
 * again. Instead each batch's rare entries are kept as a run, and sealing merges all runs into the
 * index one key range at a time. So each index page is written about once. Keys that come in order, as
 * ids that begin with the time do, go to the end of their kind in the index at once.
 */
export function keyRuns(db: Database) {
  const insertFrequent = db.prepare(`
    INSERT OR IGNORE INTO keys (key, at, position)
      SELECT ?, value, CAST(key AS INTEGER) FROM json_each(?)
  `);
  const insertKeys = prepareForMany(db, 'INSERT OR IGNORE INTO keys (key, at, position)', 3);
  const lastOfKind = lastKeys(db);
  const insertRun = prepareForMany(db, 'INSERT OR IGNORE INTO runs (run, key, at, position)', RUN_COLUMNS);
  const insertSamples = prepareForMany(db, 'INSERT INTO samples (key, at, position)', 3);
  const begin = db.prepare('INSERT INTO run_numbers (run) SELECT coalesce(max(run), 0) + 1 FROM run_numbers');
  const samples = db.prepare('SELECT key, at, position FROM samples ORDER BY key, at, position');
  samples.setReadBigInts(true);
  samples.setReturnArrays(true);
  const copyRange = db.prepare(copyWhere(`${AFTER} AND ${UP_TO}`));
  const copyRest = db.prepare(copyWhere(AFTER));
  const removeUpTo = db.prepare('DELETE FROM runs WHERE run <= ?');
  const removeNumbers = db.prepare('DELETE FROM run_numbers WHERE run < ?');
  const newest = db.prepare('SELECT coalesce(max(run), 0) AS run FROM run_numbers');
  const lastNumber = (): number => (newest.get() as { run: number }).run;

  /** Entries since the last sample. Counted across batches, so that small batches are sampled as well. */
  let sinceSample = 0;

  /** Puts the entries of these rows into the index or a run, within the caller's transaction. */
  function add(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const rare: Value[] = [];
    const ordered: Value[] = [];
    const run = Number(begin.run().lastInsertRowid);
    const places = rows.map(placeIn);
    for (const [key, own] of rowsByKey(rows)) {
      if (own.length >= MIN_NEIGHBOURS) {
        insertFrequent.run(key, `{${own.map((index) => places[index]).join()}}`);
        continue;
      }
      const isLast = lastOfKind.isBefore(key);
      for (const index of own) {
        const { at, position } = rows[index] as Row;
        if (isLast) ordered.push(key, at, position);
        else rare.push(run, key, at, position);
      }
    }
    insertKeys(ordered);
    lastOfKind.inserted(ordered);
    insertRun(rare);
    insertSamples(samplesOf(rare));
  }

  /** The place of every SAMPLE_EVERYth entry of a run. */
  function samplesOf(entries: readonly Value[]): Value[] {
    const sampled: Value[] = [];
    for (let entry = 0; entry < entries.length; entry += RUN_COLUMNS) {
      sinceSample += 1;
      if (sinceSample < SAMPLE_EVERY) continue;
      sinceSample = 0;
      sampled.push(...entries.slice(entry + 1, entry + RUN_COLUMNS));
    }
    return sampled;
  }

  /** The places that end the ranges, in order; the last range is open. */
  function rangeEnds(): Place[] {
    const { runs } = db.prepare('SELECT count(*) AS runs FROM run_numbers').get() as { runs: number };
    const entries = Math.max(RANGE_ENTRIES, runs * MIN_ENTRIES_PER_RUN);
    const everyNth = Math.ceil(entries / SAMPLE_EVERY);
    return (samples.all() as unknown as Place[]).filter((_, index) => index % everyNth === everyNth - 1);
  }

  /** Removing all at once takes no time, but another process may have added runs meanwhile. */
  function removeRuns(upTo: number): void {
    if (lastNumber() === upTo) db.exec('DELETE FROM runs; DELETE FROM samples');
    else removeUpTo.run(upTo);
    // The last number stays, so that none is given twice.
    removeNumbers.run(upTo);
  }

  /**
   * Brings the entries of all present runs into the index, then removes the runs. When the signal aborts,
   * ends after the current range; the next call begins again, which is harmless.
   */
  async function merge({ signal, onProgress }: SealOptions): Promise<void> {
    const last = lastNumber();
    const ends = [...rangeEnds(), null];
    let after = BEFORE_ALL;
    for (const [done, end] of ends.entries()) {
      if (signal?.aborted) return;
      await whenUnlocked(() => {
        transaction(db, () => {
          if (end) {
            copyRange.run(...after, ...end);
          } else {
            copyRest.run(...after);
            removeRuns(last);
          }
        });
      });
      if (end) after = end;
      onProgress?.((done + 1) / ends.length);
      // Lets this thread receive messages, such as a request to stop.
      await nextTurn();
    }
  }

  return { add, merge };
}

/** The last key of each kind that is in the index: keys of a kind begin with the same word and a colon. */
function lastKeys(db: Database) {
  const lastIn = db.prepare('SELECT max(key) AS last FROM keys WHERE key >= ? AND key < ?');
  const lastOf = new Map<string, string>();
  const kindOf = (key: string): string => key.slice(0, Math.max(0, key.indexOf(':')));

  function last(kind: string): string {
    const known = lastOf.get(kind);
    if (known !== undefined) return known;
    // The character after the colon ends the kind.
    const found = (lastIn.get(`${kind}:`, `${kind};`) as { last: string | null }).last ?? '';
    lastOf.set(kind, found);
    return found;
  }

  return {
    /** Whether the key comes after all of its kind. */
    isBefore: (key: string): boolean => last(kindOf(key)) < key,
    /** Entries as a list of their columns. If they are rolled back, later ones are only placed less well. */
    inserted(entries: readonly Value[]): void {
      for (let entry = 0; entry < entries.length; entry += 3) {
        const key = entries[entry] as string;
        if (last(kindOf(key)) < key) lastOf.set(kindOf(key), key);
      }
    },
  };
}
