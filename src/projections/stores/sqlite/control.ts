import { openSqlite, transaction } from '../../../sqlite.ts';

/** Which generation of each view, by name and version, is shown. Not rebuildable, so written with full durability. */
export interface Control {
  /** The live generation; the first one is made live where there is none. */
  liveGeneration(view: string, version: number): number;
  close(): void;
}

const FIRST_GENERATION = 1;

export function openControl(file: string): Control {
  const db = openSqlite(file, { synchronous: 'FULL' });
  db.exec(`
    CREATE TABLE IF NOT EXISTS views (
      name TEXT NOT NULL,
      version INTEGER NOT NULL,
      live INTEGER NOT NULL,
      PRIMARY KEY (name, version)
    ) STRICT
  `);
  const find = db.prepare('SELECT live FROM views WHERE name = ? AND version = ?');
  const make = db.prepare('INSERT INTO views (name, version, live) VALUES (?, ?, ?)');

  return {
    liveGeneration: (view, version) =>
      transaction(db, () => {
        const row = find.get(view, version) as { live: number } | undefined;
        if (row) return row.live;
        make.run(view, version, FIRST_GENERATION);
        return FIRST_GENERATION;
      }),
    close: () => {
      db.close();
    },
  };
}
