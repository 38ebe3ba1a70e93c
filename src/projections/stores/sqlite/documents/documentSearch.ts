import { prepareQuery, prepareWithLimit, type Query } from '../../../../platform/sqlite/statements.ts';
import type { Database } from '../../../../platform/sqlite/sqlite.ts';
import type { SearchIndex, Searched } from '../../../views/search.ts';
import type { Guard } from '../generation/guarded.ts';
import type { WordIndex } from './wordIndex.ts';

/** The index that pages of a generation are searched in. */
export function searchIndex(db: Database, guarded: Guard, words: WordIndex): SearchIndex {
  const searchedWhere = (condition: string): Query<Searched> =>
    prepareQuery(
      db,
      `SELECT id, search FROM documents WHERE body IS NOT NULL AND ${condition}`,
      ([id, search]: [number, string]) => ({ id, search }),
    );
  const text = searchedWhere('id = ?');
  const walk = prepareWithLimit((limit) => searchedWhere(`id > ? ORDER BY id ${limit}`));

  return {
    count: (prefix) => guarded(() => words.count(prefix)),
    ids: (prefix, after) => guarded(() => words.ids(prefix, after)),
    walk: (after, limit) => guarded(() => walk(limit).all(after)),
    texts: (ids) => guarded(() => ids.flatMap((id) => text.get(id) ?? [])),
  };
}
