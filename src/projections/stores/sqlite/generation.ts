import { openSqlite, prepareWithLimit, transaction } from '../../../sqlite.ts';
import type { ViewBatch, ViewDocument, ViewStore } from '../../readModel.ts';
import { checkpointTable } from './checkpointTable.ts';
import { guarded } from './guarded.ts';

export interface SqliteGeneration extends ViewStore {
  close(): void;
}

interface Row {
  id: number;
  revision: number;
  body: string | null;
  search: string;
}

/**
 * One generation of one view in a file of its own, so that a swap is a pointer and a drop an unlink. The documents and
 * the checkpoint move in one transaction; a power cut may take the newest of them back together, and they are projected again.
 */
export function openGeneration(file: string): SqliteGeneration {
  const db = openSqlite(file, { synchronous: 'NORMAL' });
  db.exec(`
    CREATE TABLE IF NOT EXISTS documents (
      id INTEGER PRIMARY KEY,
      revision INTEGER NOT NULL,
      body TEXT,
      search TEXT NOT NULL
    ) STRICT;
  `);
  const checkpoint = checkpointTable(db);
  const load = db.prepare('SELECT id, revision, body, search FROM documents WHERE id = ?');
  const upsert = db.prepare(`
    INSERT INTO documents (id, revision, body, search) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE
      SET revision = excluded.revision, body = excluded.body, search = excluded.search
      WHERE excluded.revision > documents.revision
  `);
  const page = prepareWithLimit(
    db,
    'SELECT id, revision, body, search FROM documents WHERE id > ? AND body IS NOT NULL ORDER BY id',
  );
  const search = prepareWithLimit(
    db,
    `
    SELECT id, revision, body, search FROM documents
    WHERE id > ? AND body IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM json_each(?) AS word WHERE instr(documents.search, word.value) = 0)
    ORDER BY id`,
  );

  function write({ documents, from, to }: ViewBatch): 'written' | 'refused' {
    if (!checkpoint.move(from, to)) return 'refused';
    for (const { id, revision, body, search } of documents) {
      upsert.run(id, revision, body === null ? null : JSON.stringify(body), search);
    }
    return 'written';
  }

  return {
    checkpoint: async () => guarded(checkpoint.read),
    load: async (ids) =>
      guarded(() =>
        ids.flatMap((id) => {
          const row = load.get(id) as Row | undefined;
          return row ? [toDocument(row)] : [];
        }),
      ),
    write: async (batch) => guarded(() => transaction(db, () => write(batch))),
    page: async ({ after, limit, words }) =>
      guarded(() => {
        const rows =
          words.length > 0 ? search(limit).all(after, JSON.stringify(words)) : page(limit).all(after);
        return (rows as Row[]).map(toDocument);
      }),
    close: () => {
      db.close();
    },
  };
}

const toDocument = ({ id, revision, body, search }: Row): ViewDocument => ({
  id,
  revision,
  body: body === null ? null : (JSON.parse(body) as object),
  search,
});
