import { prepareQuery, prepareWithLimit, type Query } from '../../../../platform/sqlite/statements.ts';
import type { Database } from '../../../../platform/sqlite/sqlite.ts';
import type { PageQuery } from '../../../ports/documents.ts';
import { searchPage, type SearchIndex } from '../../../views/search.ts';
import type { Guard } from '../generation/guarded.ts';
import type { WordIndex } from './wordIndex.ts';

/** A page of the documents that match all words, as every store finds them (see searchPage). */
export function documentSearch<Row extends { id: number; search: string; body: string | null }>({
  db,
  guarded,
  words,
  load,
}: {
  db: Database;
  guarded: Guard;
  words: WordIndex;
  load: Query<Row>;
}): (query: PageQuery) => Promise<{ found: Row[]; next: number | null }> {
  const texts = prepareWithLimit((limit) =>
    prepareQuery(
      db,
      `SELECT id, search FROM documents WHERE id > ? AND body IS NOT NULL ORDER BY id ${limit}`,
      ([id, search]: [number, string]) => ({ id, search }),
    ),
  );
  const rowsOf = (ids: readonly number[]): Row[] =>
    ids.flatMap((id) => load.get(id) ?? []).filter(({ body }) => body !== null);

  const index: SearchIndex = {
    count: (prefix) => guarded(() => words.count(prefix)),
    ids: (prefix, after) => guarded(() => words.ids(prefix, after)),
    walk: (after, limit) => guarded(() => texts(limit).all(after)),
    texts: (ids) => guarded(() => rowsOf(ids)),
  };

  return async (query) => {
    const { ids, next } = await searchPage(index, query);
    return { found: await guarded(() => rowsOf(ids)), next };
  };
}
