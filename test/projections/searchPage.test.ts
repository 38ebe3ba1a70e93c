import { expect } from 'chai';
import type { ViewDocument } from '../../src/projections/ports/documents.ts';
import {
  documentPage,
  MAX_SEARCHED,
  searchPage,
  type SearchIndex,
} from '../../src/projections/views/search.ts';
import { person, tombstone } from './contract/examples.ts';

describe('A page of a search', () => {
  it('misses nobody when names are added between counting a word and reading its entries', async () => {
    const people = Array.from({ length: MAX_SEARCHED }, (_, index) => ({
      id: index + 1,
      // The words of the lowest ids come last.
      search: index < 20 ? 'marzo' : 'martinez',
    }));
    const added = Array.from({ length: 10 }, (_, index) => ({ id: MAX_SEARCHED + 1 + index, search: 'mar' }));
    let present = people;
    const index: SearchIndex = {
      async count() {
        const { length } = present;
        present = [...people, ...added];
        return length;
      },
      // In the order of words, as an index returns them.
      ids: async (_prefix, after) =>
        [...present]
          .sort((a, b) => (a.search < b.search ? -1 : a.search > b.search ? 1 : a.id - b.id))
          .map(({ id }) => id)
          .filter((id) => id > after)
          .slice(0, MAX_SEARCHED),
      walk: async (after, limit) => present.filter(({ id }) => id > after).slice(0, limit),
      texts: async (ids) => present.filter(({ id }) => ids.includes(id)),
    };
    const found: number[] = [];
    for (let after: number | null = 0; after !== null;) {
      const page: Awaited<ReturnType<typeof searchPage>> = await searchPage(index, {
        after,
        limit: 1_000,
        words: ['mar'],
      });
      found.push(...page.ids);
      after = page.next;
    }
    expect(found).to.deep.equal(present.map(({ id }) => id));
  });

  it('leaves out a document that is removed between being found and being read', async () => {
    const people = [person(1, 0, 'Ana'), person(2, 0, 'Ana')];
    const index: SearchIndex = {
      count: async () => people.length,
      ids: async () => people.map(({ id }) => id),
      walk: async () => people,
      texts: async () => people,
    };
    const load = async (): Promise<ViewDocument[]> => [people[0]!, tombstone(2, 1)];
    const query = { after: 0, limit: 10, words: ['ana'] };
    const page = await documentPage({ index, next: async () => [], load }, query);
    expect(page).to.deep.equal({ documents: [people[0]], next: null });
  });
});
