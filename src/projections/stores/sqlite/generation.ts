import { openSqlite, prepareWithLimit, transaction } from '../../../sqlite.ts';
import {
  ReadModelError,
  type Checkpoint,
  type ViewBatch,
  type ViewDocument,
  type ViewStore,
} from '../../readModel.ts';

export interface SqliteGeneration extends ViewStore {
  close(): void;
}

interface Row {
  id: number;
  revision: number;
  body: string | null;
  search: string;
}

interface CheckpointRow {
  position: string;
  event_position: string | null;
  event_id: string | null;
}

/**
 * One generation of one view in a file of its own, so that a swap is a pointer and a drop an unlink. The documents and
 * the checkpoint move in one transaction; a power cut may take the newest of them back together, and they are projected again.
 */
export function openGeneration(file: string): SqliteGeneration {
  const db = openSqlite(file, { synchronous: 'NORMAL' });
  // Positions are texts: they can be greater than what a double holds exactly, and are only compared for equality.
  db.exec(`
    CREATE TABLE IF NOT EXISTS documents (
      id INTEGER PRIMARY KEY,
      revision INTEGER NOT NULL,
      body TEXT,
      search TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS checkpoint (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      position TEXT NOT NULL,
      event_position TEXT,
      event_id TEXT
    ) STRICT;
  `);
  const load = db.prepare('SELECT id, revision, body, search FROM documents WHERE id = ?');
  const upsert = db.prepare(`
    INSERT INTO documents (id, revision, body, search) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE
      SET revision = excluded.revision, body = excluded.body, search = excluded.search
      WHERE excluded.revision > documents.revision
  `);
  const readCheckpoint = db.prepare('SELECT position, event_position, event_id FROM checkpoint');
  const firstCheckpoint = db.prepare(
    'INSERT INTO checkpoint (one, position, event_position, event_id) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const moveCheckpoint = db.prepare(
    'UPDATE checkpoint SET position = ?, event_position = ?, event_id = ? WHERE position = ? AND event_id IS ?',
  );
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
    const next = [String(to.position), to.event ? String(to.event.position) : null, to.event?.id ?? null];
    const moved = from
      ? moveCheckpoint.run(...next, String(from.position), from.event?.id ?? null)
      : firstCheckpoint.run(...next);
    if (moved.changes === 0) return 'refused';
    for (const { id, revision, body, search } of documents) {
      upsert.run(id, revision, body === null ? null : JSON.stringify(body), search);
    }
    return 'written';
  }

  return {
    checkpoint: async () =>
      guarded((): Checkpoint | null => {
        const row = readCheckpoint.get() as CheckpointRow | undefined;
        if (!row) return null;
        const { position, event_position: at, event_id: id } = row;
        return {
          position: BigInt(position),
          event: at !== null && id !== null ? { position: BigInt(at), id } : null,
        };
      }),
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

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new ReadModelError('the read model did not answer', { cause });
  }
}
