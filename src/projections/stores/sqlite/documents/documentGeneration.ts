import { markForScrub, scrubIfMarked } from '../../../../platform/sqlite/scrub.ts';
import { openSqlite, syncToDisk, transaction } from '../../../../platform/sqlite/sqlite.ts';
import { prepareQuery, prepareWithLimit, type Query } from '../../../../platform/sqlite/statements.ts';
import {
  attemptsOf,
  isSameState,
  MAX_FOUND,
  reachOf,
  type DocumentState,
  type ViewBatch,
  type ViewDocument,
  type ViewStore,
} from '../../../ports/documents.ts';
import { documentPage, type PagedDocuments } from '../../../views/search.ts';
import { CHECKPOINT_SCHEMA, checkpointTable, type GenerationFile } from '../generation/checkpointTable.ts';
import { guardFor, type OnDamaged } from '../generation/guarded.ts';
import { COLUMNS, rowOf, toDocument, type Row } from './documentRows.ts';
import { searchIndex } from './documentSearch.ts';
import { WORDS_SCHEMA, wordIndex, type ReplacedText } from './wordIndex.ts';
import { writtenRows } from './writtenRows.ts';

/** Page cache in MiB where documents are looked up all over the file. */
const CACHE_MIB = 8;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS file.documents (
    id INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    body TEXT,
    search TEXT NOT NULL,
    lookup TEXT NOT NULL,
    parked TEXT,
    attempts INTEGER NOT NULL,
    reach INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS file.parked ON documents (id) WHERE parked IS NOT NULL;
  ${WORDS_SCHEMA}
  ${CHECKPOINT_SCHEMA}
`;

const INTO_DOCUMENTS = `INTO documents (${COLUMNS}, attempts, reach) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

/**
 * One generation of a view in its own file, so that a swap changes only the record and a drop deletes
 * a file. Documents and checkpoint change in one transaction. A power cut may undo the newest
 * transactions; their events are then applied again.
 */
export function openGeneration(
  file: string,
  onDamaged: OnDamaged,
  lookups: readonly string[] = [],
  cacheMiB = CACHE_MIB,
): ViewStore & GenerationFile {
  const guarded = guardFor(file, onDamaged);
  const db = guarded.now(() =>
    openSqlite(file, { synchronous: 'NORMAL', cacheMiB }, (opened) => {
      opened.exec(`${SCHEMA} ${lookups.map(indexOf).join('\n')}`);
    }),
  );
  const checkpoint = checkpointTable(db);
  const load = prepareQuery(db, `SELECT ${COLUMNS} FROM documents WHERE id = ?`, (row: Row) => row);
  const documentsWhere = (rest: string): Query<ViewDocument> =>
    prepareQuery(db, `SELECT ${COLUMNS} FROM documents WHERE ${rest}`, toDocument);
  const upsert = db.prepare(`
    INSERT ${INTO_DOCUMENTS}
    ON CONFLICT (id) DO UPDATE
      SET revision = excluded.revision, body = excluded.body, search = excluded.search,
        lookup = excluded.lookup, parked = excluded.parked, attempts = excluded.attempts,
        reach = excluded.reach
      WHERE excluded.reach >= documents.reach AND (excluded.revision, excluded.attempts, excluded.reach)
        > (documents.revision, documents.attempts, documents.reach)
  `);
  const replace = db.prepare(`REPLACE ${INTO_DOCUMENTS}`);
  const words = wordIndex(db);
  const searchOf = prepareQuery(
    db,
    'SELECT search FROM documents WHERE id = ?',
    ([search]: [string]) => search,
  );
  const ids = prepareWithLimit((limit) =>
    prepareQuery(db, `SELECT id FROM documents WHERE id > ? ORDER BY id ${limit}`, ([id]: [number]) => id),
  );
  const inOrder = (condition: string): ((limit: number) => Query<ViewDocument>) =>
    prepareWithLimit((limit) => documentsWhere(`${condition} ORDER BY id ${limit}`));
  const scan = inOrder('id > ?');
  const page = inOrder('id > ? AND body IS NOT NULL');
  const parked = inOrder('id > ? AND parked IS NOT NULL');
  const countParked = db.prepare('SELECT count(*) AS count FROM documents WHERE parked IS NOT NULL');
  const lookUps = new Map(
    lookups.map((name) => [name, documentsWhere(`${valueOf(name)} = ? ORDER BY id LIMIT ${MAX_FOUND}`)]),
  );
  const written = writtenRows(db);

  function lookUp(name: string, value: string): ViewDocument[] {
    const query = lookUps.get(name);
    if (!query) throw new RangeError(`documents of this view are not looked up by ${name}`);
    return query.all(value);
  }

  function rowsOf(wanted: readonly number[]): Row[] {
    const known = written.present();
    return wanted.flatMap((id) => {
      const row = known.get(id) ?? load.get(id);
      return row ? [row] : [];
    });
  }

  /** Writes the documents and returns those that were later than the stored ones. */
  function putAll(documents: readonly ViewDocument[]): Row[] {
    const put: Row[] = [];
    const texts: ReplacedText[] = [];
    for (const document of documents) {
      const { id, search } = document;
      const row = rowOf(document);
      const before = searchOf.get(id) ?? null;
      if (upsert.run(...row, attemptsOf(document), reachOf(document)).changes === 0) continue;
      texts.push({ id, before, after: search });
      put.push(row);
    }
    words.replace(texts);
    return put;
  }

  function write({ documents, from, to }: ViewBatch): 'written' | 'refused' {
    written.drop(documents);
    const put = transaction(db, () => (checkpoint.move(from, to) ? putAll(documents) : null));
    if (!put) return 'refused';
    written.take(put);
    return 'written';
  }

  function repair(from: DocumentState | null, to: ViewDocument): boolean {
    written.drop([to]);
    const [stored] = rowsOf([to.id]).map(toDocument);
    const isAsSeen = stored ? from !== null && isSameState(stored, from) : from === null;
    if (!isAsSeen) return false;
    replace.run(...rowOf(to), attemptsOf(to), reachOf(to));
    // Removes and inserts every word, because the index itself may be what is damaged.
    words.replace([
      { id: to.id, before: stored?.search ?? null, after: '' },
      { id: to.id, before: null, after: to.search },
    ]);
    return true;
  }

  const loaded = (wanted: readonly number[]): Promise<ViewDocument[]> =>
    guarded(() => rowsOf(wanted).map(toDocument));
  const paged: PagedDocuments = {
    index: searchIndex(db, guarded, words),
    next: (after, limit) => guarded(() => page(limit).all(after)),
    load: loaded,
  };

  return {
    checkpointNow: checkpoint.read,
    checkpoint: () => guarded(checkpoint.read),
    load: loaded,
    lookUp: (name, value) => guarded(() => lookUp(name, value)),
    write: (batch) => guarded(() => write(batch)),
    put: (documents) =>
      guarded(() => {
        written.drop(documents);
        transaction(db, () => putAll(documents));
      }),
    async erase(documents) {
      await guarded(() => {
        written.drop(documents);
        transaction(db, () => {
          putAll(documents);
          // Even if nothing changed: another write may have stored the tombstones already.
          markForScrub(db);
        });
      });
      await guarded(() => {
        scrubIfMarked(db);
      });
    },
    repair: (from, to) => guarded(() => transaction(db, () => repair(from, to))),
    page: (query) => documentPage(paged, query),
    unfindable: (documents) => guarded(() => words.unfindable(documents)),
    scan: ({ after, limit }) => guarded(() => scan(limit).all(after)),
    ids: ({ after, limit }) => guarded(() => ids(limit).all(after)),
    parked: ({ after, limit }) => guarded(() => parked(limit).all(after)),
    countParked: () => guarded(() => (countParked.get() as { count: number }).count),
    seal: async ({ onProgress } = {}) => {
      await guarded(() => {
        syncToDisk(db);
      });
      onProgress?.(1);
    },
    close: () => {
      db.close();
    },
  };
}

/** The index and the query need the same text, or SQLite does not use the index. */
const valueOf = (name: string): string => `json_extract(lookup, '$.${name}')`;

const indexOf = (name: string): string =>
  `CREATE INDEX IF NOT EXISTS file.by_${name} ON documents (${valueOf(name)}) WHERE ${valueOf(name)} IS NOT NULL;`;
