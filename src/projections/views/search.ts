import { setImmediate as nextTick } from 'node:timers/promises';
import type { ViewDocument } from '../ports/readModel.ts';

/** Folds case and accents away, so that «garcia» finds «García». */
export const searchText = (...parts: (string | null)[]): string =>
  parts.join('\n').normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The words of a search; a document has to have each (see hasWords). */
export const searchWords = (q: string): string[] => searchText(q).split(/\s+/).filter(Boolean);

/**
 * The words that a search text is indexed under. Punctuation is left out, and a word begins behind it: `garcia-lopez` is
 * found as `garcialopez` and `lopez`, `maria@example.com` as `mariaexamplecom`, `examplecom` and `com`.
 */
export function indexWords(text: string): string[] {
  const words = new Set<string>();
  for (const part of text.split(/\s+/)) {
    const runs = part.match(LETTERS_AND_DIGITS) ?? [];
    for (let start = 0; start < runs.length; start += 1) words.add(runs.slice(start).join(''));
  }
  return [...words];
}

/** The beginning of an index word that a searched word stands for; empty for one without letters and digits. */
export const prefixOf = (word: string): string => (word.match(LETTERS_AND_DIGITS) ?? []).join('');

/** Whether each searched word begins one of the text's index words; one of punctuation alone has to be in the text. */
export function hasWords(text: string, words: readonly string[]): boolean {
  const indexed = indexWords(text);
  return words.every((word) => {
    const prefix = prefixOf(word);
    return prefix === '' ? text.includes(word) : indexed.some((one) => one.startsWith(prefix));
  });
}

const LETTERS_AND_DIGITS = /[\p{L}\p{N}]+/gu;

/** Documents looked at for one page at most, and index entries that are still few enough to be sorted for one. */
export const MAX_SEARCHED = 2_000;

/** What a page is searched in. */
export interface SearchIndex {
  /** The number of index entries under this prefix, at most MAX_SEARCHED + 1. */
  count(prefix: string): Promise<number>;
  /** The ids above `after` under this prefix, in no order; at most MAX_SEARCHED. */
  ids(prefix: string, after: number): Promise<readonly number[]>;
  /** Ids above `after` with their texts in the order of the ids, at most `limit`; without tombstones. */
  walk(after: number, limit: number): Promise<readonly Searched[]>;
  /** The texts of these documents, in any order; without tombstones. */
  texts(ids: readonly number[]): Promise<readonly Searched[]>;
}

/** A document as far as a search looks at it. */
export type Searched = Pick<ViewDocument, 'id' | 'search'>;

/** The ids of a page, and where to continue; null at the end. */
export interface FoundPage {
  ids: number[];
  next: number | null;
}

/** Texts compared between two looks at the limit: few enough to be one short piece of work. */
const CHUNK = 250;

/**
 * A page of the documents that have all words, by id. Goes by the rarest word where that has few entries; else through the documents
 * themselves, of which many fit. Either way it looks at no more than MAX_SEARCHED: a page may be short, and have a next.
 */
export async function searchPage(
  index: SearchIndex,
  { after, limit, words }: { after: number; limit: number; words: readonly string[] },
): Promise<FoundPage> {
  const rarest = await rarestPrefix(index, words);
  if (rarest === null) return walkAll(index, { after, limit, words });
  const ids = [...new Set(await index.ids(rarest, after))].sort((a, b) => a - b);
  const found: number[] = [];
  for (let start = 0; start < ids.length; start += CHUNK) {
    if (start > 0) await nextTick();
    const texts = await index.texts(ids.slice(start, start + CHUNK));
    for (const id of fitting(texts, words)) {
      if (found.length === limit) return { ids: found, next: found.at(-1) ?? after };
      found.push(id);
    }
  }
  return { ids: found, next: null };
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

async function walkAll(
  index: SearchIndex,
  { after, limit, words }: { after: number; limit: number; words: readonly string[] },
): Promise<FoundPage> {
  const found: number[] = [];
  let last = after;
  for (let looked = 0; looked < MAX_SEARCHED; looked += CHUNK) {
    // Reading an embedded store holds the thread: others have their turn between two chunks.
    if (looked > 0) await nextTick();
    const documents = await index.walk(last, CHUNK);
    for (const id of fitting(documents, words)) {
      if (found.length === limit) return { ids: found, next: found.at(-1) ?? after };
      found.push(id);
    }
    if (documents.length < CHUNK) return { ids: found, next: null };
    last = documents.at(-1)?.id ?? last;
  }
  return { ids: found, next: last };
}

const fitting = (documents: readonly Searched[], words: readonly string[]): number[] =>
  documents
    .filter(({ search }) => hasWords(search, words))
    .map(({ id }) => id)
    .sort((a, b) => a - b);
