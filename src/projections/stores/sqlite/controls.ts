import { renameSync, rmSync } from 'node:fs';
import {
  commitsOfOthers,
  expectUndamaged,
  openSqlite,
  transaction,
  type Database,
} from '../../../platform/sqlite/sqlite.ts';
import { isDamaged } from '../../../platform/sqlite/sqliteFailures.ts';
import {
  readableViewRecord,
  type StoredViewRecord,
  type ViewRecord,
  type ViewRecords,
} from '../../record/viewRecord.ts';
import { isSameCheckpoint, type Checkpoint, type ViewDeclaration } from '../../record/viewDeclaration.ts';
import { guardFor } from './generation/guarded.ts';

export interface SqliteControls extends ViewRecords {
  /** The record as it is now. Cached: only a counter is read until another connection commits. */
  current(view: ViewDeclaration): ViewRecord | null;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS file.controls (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (name, version)
  ) STRICT;
`;

/**
 * The view records in their own file, with full durability, because unlike the views they cannot be
 * rebuilt. `checkpointOf` is read in the tick that writes the record. No other process can move the
 * checkpoint: this one holds the view's lease, an operating system lock that it keeps while it lives.
 */
export function openControls(
  file: string,
  checkpointOf: (view: ViewDeclaration, generation: number) => Checkpoint | null,
): SqliteControls {
  const guarded = guardFor(file);
  const db = guarded.now(() => openUndamaged(file));
  const find = db.prepare('SELECT stamp, record FROM controls WHERE name = ? AND version = ?');
  // Stamps start at a random number, so that a writer that read a record deleted since cannot replace
  // its successor.
  const insert = db.prepare(
    'INSERT INTO controls (name, version, stamp, record) VALUES (?, ?, random() & 0xffffffffffff, ?) ON CONFLICT DO NOTHING',
  );
  const update = db.prepare(
    'UPDATE controls SET stamp = stamp + 1, record = ? WHERE name = ? AND version = ? AND stamp = ?',
  );
  const versions = db.prepare('SELECT version FROM controls WHERE name = ? ORDER BY version');
  const remove = db.prepare('DELETE FROM controls WHERE name = ? AND version = ?');
  const haveOthersCommitted = commitsOfOthers(db);

  /** Records read since the last commit of another connection. */
  const known = new Map<string, StoredViewRecord | null>();

  function read(view: ViewDeclaration): StoredViewRecord | null {
    const row = find.get(view.name, view.version) as { stamp: number; record: string } | undefined;
    return row ? { stamp: row.stamp, control: readableViewRecord(view, JSON.parse(row.record)) } : null;
  }

  function current(view: ViewDeclaration): ViewRecord | null {
    if (haveOthersCommitted()) known.clear();
    const key = `${view.name}@${view.version}`;
    let stored = known.get(key);
    if (stored === undefined) {
      stored = read(view);
      known.set(key, stored);
    }
    return stored?.control ?? null;
  }

  return {
    current: (view) => guarded.now(() => current(view)),
    read: (view) => guarded(() => read(view)),
    replace: (view, from, to, standing) =>
      guarded(() =>
        transaction(db, () => {
          known.clear();
          if (standing && !isSameCheckpoint(checkpointOf(view, standing.generation), standing.checkpoint))
            return false;
          const { name, version } = view;
          const record = JSON.stringify(to);
          const { changes } = from
            ? update.run(record, name, version, from.stamp)
            : insert.run(name, version, record);
          return changes !== 0;
        }),
      ),
    versions: (name) =>
      guarded(() => (versions.all(name) as { version: number }[]).map(({ version }) => version)),
    forget: ({ name, version }) =>
      guarded(() => {
        known.clear();
        remove.run(name, version);
      }),
    close: () => {
      db.close();
    },
  };
}

/** Sets a damaged file aside. Views without a record are rebuilt. */
function openUndamaged(file: string): Database {
  try {
    return openFile(file);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    renameSync(file, `${file}.damaged`);
    for (const ending of ['-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
    return openFile(file);
  }
}

function openFile(file: string): Database {
  return openSqlite(file, { synchronous: 'FULL' }, (opened) => {
    expectUndamaged(opened);
    opened.exec(SCHEMA);
  });
}
