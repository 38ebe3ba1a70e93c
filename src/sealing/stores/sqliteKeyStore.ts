import { openSqlite, transaction, type Database } from '../../platform/sqlite/sqlite.ts';
import { prepareForMany, prepareQuery, type Query } from '../../platform/sqlite/statements.ts';
import { reasonOf } from '../../platform/sqlite/sqliteFailures.ts';
import { markForScrub, scrubIfMarked } from '../../platform/sqlite/scrub.ts';
import { whenUnlocked } from '../../platform/sqlite/whenUnlocked.ts';
import { KeyStoreError, type KeyRow, type KeyStore } from '../keyStore.ts';

type StoredRow = readonly [
  subject: string,
  keyId: string,
  wrapped: string | null,
  master: string | null,
  erasedAt: string | null,
];

const COLUMNS = 'subject, key_id, wrapped, master, erased_at';

/**
 * The keys in one SQLite file, which is rewritten after an erasure, so that no part of it holds an
 * erased key. Several processes and threads may use the file. Throws if it cannot be opened with full
 * durability.
 */
export function openSqliteKeyStore({ file }: { file: string }): KeyStore {
  const db = openSqlite(file, { synchronous: 'FULL', cacheMiB: 16 }, (opened) => {
    opened.exec('PRAGMA file.secure_delete = ON');
    prepareSchema(opened);
  });
  const insert = prepareForMany(db, 'INSERT OR IGNORE INTO keys (subject, key_id, wrapped, master)', 4);
  const erase = db.prepare(`
    INSERT INTO keys (subject, key_id, erased_at) VALUES (?, ?, ?)
    ON CONFLICT (subject) DO UPDATE
    SET key_id = excluded.key_id, wrapped = NULL, master = NULL, erased_at = excluded.erased_at
    WHERE erased_at IS NULL`);
  const rewrap = db.prepare(
    'UPDATE keys SET wrapped = ?, master = ? WHERE subject = ? AND key_id = ? AND wrapped = ?',
  );
  const select = (rest: string): Query<KeyRow> =>
    prepareQuery(db, `SELECT ${COLUMNS} FROM keys WHERE ${rest}`, keyRow);
  const namedIn = (column: string): Query<KeyRow> => select(`${column} IN (SELECT value FROM json_each(?))`);
  const [ofSubjects, ofKeys] = [namedIn('subject'), namedIn('key_id')];
  const scan = select('subject > ? ORDER BY subject LIMIT ?');

  async function guarded<T>(work: () => T): Promise<T> {
    try {
      return await whenUnlocked(work);
    } catch (cause) {
      if (cause instanceof KeyStoreError) throw cause;
      throw new KeyStoreError(`the key store failed: ${reasonOf(file, cause)}`, { cause });
    }
  }

  const found = (query: Query<KeyRow>, names: readonly string[]): Promise<KeyRow[]> =>
    guarded(() => query.all(JSON.stringify(names)));

  return {
    ofSubjects: (subjects) => found(ofSubjects, subjects),
    ofKeys: (keyIds) => found(ofKeys, keyIds),
    add: (keys) =>
      guarded(() => {
        const values = keys.flatMap(({ subject, keyId, wrapped, master }) => [
          subject,
          keyId,
          wrapped,
          master,
        ]);
        return transaction(db, () => insert(values)) === keys.length;
      }),
    async erase({ subject, keyId, erasedAt }) {
      await guarded(() => {
        transaction(db, () => {
          if (erase.run(subject, keyId, erasedAt).changes !== 0) markForScrub(db);
        });
      });
      await guarded(() => {
        scrubIfMarked(db);
      });
    },
    rewrap: (from, to) =>
      guarded(() => {
        const { changes } = rewrap.run(to.wrapped, to.master, from.subject, from.keyId, from.wrapped);
        return changes === 1;
      }),
    scan: ({ after, limit }) => guarded(() => scan.all(after ?? '', limit)),
    close: async () => {
      db.close();
    },
  };
}

function prepareSchema(db: Database): void {
  db.exec(`
    CREATE TABLE IF NOT EXISTS file.keys (
      subject TEXT NOT NULL PRIMARY KEY,
      key_id TEXT NOT NULL,
      wrapped TEXT,
      master TEXT,
      erased_at TEXT,
      CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS file.keys_by_id ON keys (key_id);
  `);
}

function keyRow([subject, keyId, wrapped, master, erasedAt]: StoredRow): KeyRow {
  if (erasedAt !== null) return { subject, keyId, erasedAt };
  if (wrapped !== null && master !== null) return { subject, keyId, wrapped, master };
  throw new KeyStoreError(`the key store holds neither a key nor a tombstone for ${subject}`);
}
