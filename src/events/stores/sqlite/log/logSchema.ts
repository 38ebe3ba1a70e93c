import { readPragma, transaction, type Database } from '../../../../platform/sqlite/sqlite.ts';

const FORMAT = 1;

/**
 * Whether a row is not padron's own: isOwnStream in SQL. An index holds just these rows, so
 * padron's own events are counted without reading them, at the same cost for any number.
 */
export const IS_FOREIGN = `NOT (
  ((stream GLOB 'persona-[1-9]*' AND substr(stream, 10) NOT GLOB '*[^0-9]*')
   OR (stream GLOB 'user-[1-9]*' AND substr(stream, 7) NOT GLOB '*[^0-9]*')
   OR (stream GLOB 'reservation-*' AND length(stream) = 55 AND substr(stream, 13) NOT GLOB '*[^A-Za-z0-9_-]*')
   OR (stream GLOB 'key-*' AND length(stream) = 47 AND substr(stream, 5) NOT GLOB '*[^A-Za-z0-9_-]*')
   OR stream IN ('sequence-persona', 'sequence-user', 'padron-settings', 'padron-skips', 'padron-rolls',
     'padron-erasures')))`;

/** The index of those rows; a new name where the condition changes. */
export const FOREIGN_EVENTS = 'foreign_events_3';

/** Creates what is missing in the events file. Throws if a newer padron wrote it. */
export function prepareSchema(db: Database, file: string): void {
  const format = readPragma(db, 'user_version');
  if (typeof format === 'number' && format > FORMAT) {
    throw new Error(`${file} was written by a newer padron (format ${format}, this one knows ${FORMAT})`);
  }
  // Write only to an incomplete file: opening must not wait for other writers, nor look like a
  // commit to them.
  if (format === FORMAT && hasIndex(db)) return;
  // AUTOINCREMENT: positions are never reused within a file. A file restored to an older state
  // reuses the positions after that state; `holds` distinguishes the two logs by the events' ids.
  transaction(db, () => {
    db.exec(`
      CREATE TABLE IF NOT EXISTS file.events (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        stream TEXT NOT NULL,
        revision INTEGER NOT NULL,
        id TEXT NOT NULL,
        type TEXT NOT NULL,
        data TEXT NOT NULL,
        metadata TEXT NOT NULL,
        UNIQUE (stream, revision)
      ) STRICT;
      DROP INDEX IF EXISTS file.foreign_events;
      DROP INDEX IF EXISTS file.foreign_events_2;
      CREATE INDEX IF NOT EXISTS file.${FOREIGN_EVENTS} ON events (position) WHERE ${IS_FOREIGN};
      PRAGMA file.user_version = ${FORMAT};
    `);
  });
}

/** Whether the file is complete: files made by an early padron lack the index. */
const hasIndex = (db: Database): boolean =>
  db.prepare(`SELECT 1 FROM file.sqlite_schema WHERE name = '${FOREIGN_EVENTS}'`).get() !== undefined;
