import {
  pageOf,
  type DocumentPage,
  type PageQuery,
  type ViewDocument,
} from '../../src/projections/ports/documents.ts';
import { indexWords, MAX_SEARCHED, searchPage } from '../../src/projections/views/search.ts';

/** A page of documents in memory; the caller gives them in the order of their ids. */
export async function memoryPage(
  documents: readonly ViewDocument[],
  { after, limit, words }: PageQuery,
): Promise<DocumentPage> {
  const present = documents.filter(({ body }) => body !== null);
  if (words.length === 0)
    return pageOf(
      present.filter(({ id }) => id > after),
      limit,
    );
  const under = (prefix: string): ViewDocument[] =>
    present.filter(({ search }) => indexWords(search).some((word) => word.startsWith(prefix)));
  const index: Parameters<typeof searchPage>[0] = {
    count: async (prefix) => Math.min(under(prefix).length, MAX_SEARCHED + 1),
    ids: async (prefix, from) =>
      under(prefix)
        .map(({ id }) => id)
        .filter((id) => id > from)
        .slice(0, MAX_SEARCHED),
    walk: async (from, most) => present.filter(({ id }) => id > from).slice(0, most),
    texts: async (ids) => present.filter(({ id }) => ids.includes(id)),
  };
  const { ids, next } = await searchPage(index, { after, limit, words });
  return { documents: present.filter(({ id }) => ids.includes(id)), next };
}
