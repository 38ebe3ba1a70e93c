import { heavyTurns } from '../../platform/concurrency/heavyTurns.ts';
import { foldText } from '../../validation/foldText.ts';
import { pageOf, type DocumentPage, type PageQuery, type ViewDocument } from '../ports/documents.ts';

/** The first version of the views with the present search texts. Others need a new version: the views are rebuilt. */
export const SEARCH_TEXT_SINCE = 3;

/** The text of these parts that is searched, folded. */
export const searchText = (...parts: (string | null)[]): string => foldText(parts.join('\n'));

/** The words of a search; a document must match each (see hasWords). */
export const searchWords = (q: string): string[] => foldText(q).split(/\s+/).filter(Boolean);

/**
 * The words under which a text is indexed. Punctuation is dropped, and a word begins after it:
 * `garcia-lopez` is found as `garcialopez` and `lopez`, `maria@example.com` as `mariaexamplecom`,
 * `examplecom` and `com`.
 */
export function indexWords(text: string): string[] {
  const words = new Set<string>();
  for (const part of text.split(/\s+/)) {
    const runs = part.match(LETTERS_AND_DIGITS) ?? [];
    for (let start = 0; start < runs.length; start += 1) words.add(runs.slice(start).join(''));
  }
  return [...words];
}

/** The index prefix for a searched word; empty for a word without letters and digits. */
const prefixOf = (word: string): string => (word.match(LETTERS_AND_DIGITS) ?? []).join('');

/** Whether each searched word begins an index word; one of punctuation only must occur in the text. */
export function hasWords(text: string, words: readonly string[]): boolean {
  const indexed = indexWords(text);
  return words.every((word) => {
    const prefix = prefixOf(word);
    return prefix === '' ? text.includes(word) : indexed.some((one) => one.startsWith(prefix));
  });
}

const LETTERS_AND_DIGITS = /[\p{L}\p{N}]+/gu;

/** Most documents examined for one page, and most index entries sorted for one. */
export const MAX_SEARCHED = 2_000;

/** The index that a page is searched in. */
export interface SearchIndex {
  /** The number of index entries under this prefix, at most MAX_SEARCHED + 1. */
  count(prefix: string): Promise<number>;
  /** The ids above `after` under this prefix, in any order; at most MAX_SEARCHED. */
  ids(prefix: string, after: number): Promise<readonly number[]>;
  /** Ids above `after` and their texts, in id order, at most `limit`; without tombstones. */
  walk(after: number, limit: number): Promise<readonly Searched[]>;
  /** The texts of these documents, in any order; without tombstones. */
  texts(ids: readonly number[]): Promise<readonly Searched[]>;
}

/** The part of a document that a search examines. */
export type Searched = Pick<ViewDocument, 'id' | 'search'>;

/** Texts compared between two checks of the limit: little enough to be a short piece of work. */
const CHUNK = 250;

/**
 * The ids of a page of the documents that match all words, by id, and where to continue. Uses the index of the rarest word if that
 * has few entries; otherwise walks the documents, of which many match. Either way it examines at
 * most MAX_SEARCHED: a page may be short and still have a next one.
 */
export async function searchPage(
  index: SearchIndex,
  { after, limit, words }: PageQuery,
): Promise<{ ids: number[]; next: number | null }> {
  const rarest = await rarestPrefix(index, words);
  const entries = rarest === null ? null : await index.ids(rarest, after);
  // Full: entries that were added since they were counted may have displaced lower ids.
  const isWhole = entries !== null && entries.length < MAX_SEARCHED;
  const found: number[] = [];
  let end: number | null = null;
  for await (const { documents, next } of isWhole ? textsOf(index, entries) : walk(index, after)) {
    for (const id of fitting(documents, words)) {
      if (found.length === limit) return { ids: found, next: found.at(-1) ?? after };
      found.push(id);
    }
    end = next;
  }
  return { ids: found, next: end };
}

/** The documents of a view that a page is read from. */
export interface PagedDocuments {
  index: SearchIndex;
  /** The next documents in id order, without tombstones. */
  next(after: number, limit: number): Promise<ViewDocument[]>;
  /** These documents in id order. */
  load(ids: readonly number[]): Promise<ViewDocument[]>;
}

/** See ViewReader.page. */
export async function documentPage(
  { index, next, load }: PagedDocuments,
  query: PageQuery,
): Promise<DocumentPage> {
  const { after, limit, words } = query;
  if (words.length === 0) return pageOf(await next(after, limit + 1), limit);
  const found = await searchPage(index, query);
  // One may have been removed since it was found.
  const documents = (await load(found.ids)).filter(({ body }) => body !== null);
  return { documents, next: found.next };
}

/** The prefix with the fewest entries; null if all have too many, or there is none. */
async function rarestPrefix(index: SearchIndex, words: readonly string[]): Promise<string | null> {
  const prefixes = words.map(prefixOf).filter((prefix) => prefix !== '');
  const counted = await Promise.all(
    prefixes.map(async (prefix) => ({ prefix, entries: await index.count(prefix) })),
  );
  const [rarest] = counted.sort((a, b) => a.entries - b.entries);
  return rarest && rarest.entries <= MAX_SEARCHED ? rarest.prefix : null;
}

/** Documents to be compared, in id order, and where to continue after them; null at the end. */
interface Chunk {
  documents: readonly Searched[];
  next: number | null;
}

async function* textsOf(index: SearchIndex, entries: readonly number[]): AsyncGenerator<Chunk> {
  const ids = [...new Set(entries)].sort((a, b) => a - b);
  for (let start = 0; start < ids.length; start += CHUNK) {
    await heavyTurns.next();
    yield { documents: await index.texts(ids.slice(start, start + CHUNK)), next: null };
  }
}

async function* walk(index: SearchIndex, after: number): AsyncGenerator<Chunk> {
  let last: number | null = after;
  for (let looked = 0; looked < MAX_SEARCHED && last !== null; looked += CHUNK) {
    // Reading an embedded store blocks the thread.
    await heavyTurns.next();
    const documents = await index.walk(last, CHUNK);
    last = documents.length < CHUNK ? null : (documents.at(-1)?.id ?? null);
    yield { documents, next: last };
  }
}

const fitting = (documents: readonly Searched[], words: readonly string[]): number[] =>
  documents
    .filter(({ search }) => hasWords(search, words))
    .map(({ id }) => id)
    .sort((a, b) => a - b);
