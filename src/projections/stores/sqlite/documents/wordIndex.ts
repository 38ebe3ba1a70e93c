import { prepareForMany } from '../../../../platform/sqlite/statements.ts';
import type { Database } from '../../../../platform/sqlite/sqlite.ts';
import { indexWords, MAX_SEARCHED, type Searched } from '../../../views/search.ts';

/** A document's search text; `before` is null if it has no words yet. */
export interface ReplacedText {
  id: number;
  before: string | null;
  after: string;
}

export type WordIndex = ReturnType<typeof wordIndex>;

export const WORDS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS file.words (
    word TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (word, id)
  ) STRICT, WITHOUT ROWID;
`;

/** Sorts above every word with a prefix: words contain only letters and digits. */
const END = '\u{10FFFF}';

/** An index of the words of the documents' search texts. */
export function wordIndex(db: Database) {
  const insert = prepareForMany(db, 'INSERT OR IGNORE INTO words (word, id)', 2);
  const remove = db.prepare('DELETE FROM words WHERE word = ? AND id = ?');
  const isEntry = db.prepare('SELECT 1 FROM words WHERE word = ? AND id = ?');
  const count = db.prepare(
    `SELECT count(*) AS entries FROM (SELECT 1 FROM words WHERE word >= ? AND word < ? LIMIT ${MAX_SEARCHED + 1})`,
  );
  const ids = db.prepare(
    `SELECT id FROM words WHERE word >= ? AND word < ? AND id > ? LIMIT ${MAX_SEARCHED}`,
  );

  return {
    /** Replaces the words of documents, in order, within the caller's transaction. */
    replace(texts: readonly ReplacedText[]): void {
      let added: (string | number)[] = [];
      for (const { id, before, after } of texts) {
        if (before === after) continue;
        const old = new Set(before === null ? [] : indexWords(before));
        for (const word of indexWords(after)) if (!old.delete(word)) added.push(word, id);
        if (old.size === 0) continue;
        // Before the removals: an earlier text of the same document may have added these words.
        insert(added);
        added = [];
        for (const word of old) remove.run(word, id);
      }
      insert(added);
    },
    /** The ids of documents that a search for one of their words would miss. */
    unfindable: (documents: readonly Searched[]): number[] =>
      documents
        .filter(({ id, search }) => !indexWords(search).every((word) => isEntry.get(word, id)))
        .map(({ id }) => id),
    count: (prefix: string): number => (count.get(prefix, `${prefix}${END}`) as { entries: number }).entries,
    ids: (prefix: string, after: number): number[] =>
      (ids.all(prefix, `${prefix}${END}`, after) as { id: number }[]).map(({ id }) => id),
  };
}
