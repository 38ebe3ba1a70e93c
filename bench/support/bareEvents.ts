import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { openSqlite, type Database } from '../../src/platform/sqlite/sqlite.ts';

/** A file of events written by the bare driver, with padron's table and durability but none of its checks. */
export interface BareEvents {
  db: Database;
  /** Inserts a row: stream, revision, id, type, data, metadata. */
  insert: ReturnType<Database['prepare']>;
  /** Metadata of typical size, as JSON. */
  metadata: string;
}

export function openBareEvents(file: string): BareEvents {
  const db = openSqlite(file, { synchronous: 'FULL' });
  db.exec(
    'CREATE TABLE file.events (position INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT, revision INTEGER, id TEXT, type TEXT, data TEXT, metadata TEXT, UNIQUE (stream, revision))',
  );
  const insert = db.prepare(
    'INSERT INTO events (stream, revision, id, type, data, metadata) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const metadata = JSON.stringify(
    newEvent('', { type: 'UserRemoved', data: {} }, systemOrigin('x'), '').metadata,
  );
  return { db, insert, metadata };
}
