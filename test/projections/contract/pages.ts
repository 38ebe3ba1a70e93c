import { expect } from 'chai';
import type { DocumentPage, PageQuery, ViewDocument } from '../../../src/projections/ports/documents.ts';
import { MAX_SEARCHED, searchWords } from '../../../src/projections/views/search.ts';
import { at, everything, ids, person, tombstone, type OpenedView } from './examples.ts';

/** What a page has in it. */
export function pageRules({ view }: OpenedView): void {
  const write = (documents: ViewDocument[]): Promise<string> =>
    view().write({ documents, from: null, to: at(1n) });
  const pageOf = (query: Partial<PageQuery>): Promise<DocumentPage> =>
    view().page({ ...everything, ...query });
  const found = async (q: string): Promise<number[]> =>
    ids((await pageOf({ words: searchWords(q) })).documents);

  it('is in numerical order of the ids', async () => {
    await write([10, 9, 2, 100, 1].map((id) => person(id, 0)));
    expect(ids((await pageOf({})).documents)).to.deep.equal([1, 2, 9, 10, 100]);
  });

  it('contains whole documents', async () => {
    await write([person(1, 3)]);
    expect(await pageOf({})).to.deep.equal({ documents: [person(1, 3)], next: null });
  });

  it('starts after an id, whether it exists or not, and ends at the limit', async () => {
    await write([1, 2, 3, 5, 6, 7].map((id) => person(id, 0)));
    expect(ids((await view().page({ after: 3, limit: 2, words: [] })).documents)).to.deep.equal([5, 6]);
    expect(ids((await view().page({ after: 4, limit: 2, words: [] })).documents)).to.deep.equal([5, 6]);
    expect(ids((await view().page({ after: 7, limit: 2, words: [] })).documents)).to.deep.equal([]);
  });

  it('is filled up to the limit, skipping tombstones and documents without the words', async () => {
    await write([
      person(1, 0, 'Ana'),
      tombstone(2, 1),
      person(3, 0, 'Luis'),
      person(4, 0, 'Ana'),
      person(5, 0, 'Ana'),
    ]);
    expect(ids((await view().page({ after: 0, limit: 2, words: ['ana'] })).documents)).to.deep.equal([1, 4]);
  });

  it('returns every document once over all pages', async () => {
    await write(Array.from({ length: 25 }, (_, i) => person(i * 3 + 1, 0)));
    const walked: number[] = [];
    for (let after: number | null = 0; after !== null;) {
      const page: DocumentPage = await pageOf({ after, limit: 4 });
      walked.push(...ids(page.documents));
      after = page.next;
    }
    expect(walked).to.deep.equal(Array.from({ length: 25 }, (_, i) => i * 3 + 1));
  });

  it('has a next place only while there is more', async () => {
    await write([1, 2, 3, 4].map((id) => person(id, 0, 'Ana')));
    for (const words of [[], ['ana']]) {
      expect((await pageOf({ limit: 3, words })).next).to.equal(3);
      expect((await pageOf({ limit: 4, words })).next).to.equal(null);
      expect((await pageOf({ after: 3, limit: 1, words })).next).to.equal(null);
    }
  });

  it('finds words regardless of case and accents', async () => {
    await write([person(1, 0, 'José García'), person(2, 0, 'JOSE GARCIA'), person(3, 0, 'Iñaki Núñez')]);
    expect(await found('garcia')).to.deep.equal([1, 2]);
    expect(await found('GARCÍA')).to.deep.equal([1, 2]);
    expect(await found('nunez')).to.deep.equal([3]);
    expect(await found('Núñ')).to.deep.equal([3]);
  });

  it('finds words regardless of letters that a keyboard may lack', async () => {
    await write([person(1, 0, 'Łukasz Straße'), person(2, 0, 'Lukasz Strasse'), person(3, 0, 'Γιάννης')]);
    for (const q of ['lukasz', 'ŁUKA', 'strasse', 'STRAẞE', 'straß']) {
      expect(await found(q), q).to.deep.equal([1, 2]);
    }
    for (const q of ['γιαννησ', 'ΓΙΑΝΝΗΣ', 'γιάννης']) expect(await found(q), q).to.deep.equal([3]);
  });

  it('finds only documents that contain every word or its beginning, in any order', async () => {
    await write([person(1, 0, 'Ana Ruiz Soler'), person(2, 0, 'Ana Soler'), person(3, 0, 'Luis Ruiz')]);
    expect(await found('ruiz ana')).to.deep.equal([1]);
    expect(await found('sol an')).to.deep.equal([1, 2]);
    expect(await found('ana pedro')).to.deep.equal([]);
    expect(await found('oler')).to.deep.equal([]);
  });

  it('finds compound names, e-mails and DNIs with and without their punctuation', async () => {
    await write([person(1, 0, 'Ana García-López 4567-8912.C ana.ruiz@example.com'), person(2, 0, 'Ana')]);
    for (const q of [
      'garcia-lopez',
      'garcialopez',
      'lopez',
      '45678912c',
      '4567-8912-C',
      'ana.ruiz@ex',
      'example.com',
    ]) {
      expect(await found(q), q).to.deep.equal([1]);
    }
  });

  it('finds a document by its new words and no longer by its former ones', async () => {
    await write([person(1, 0, 'Ana Ruiz')]);
    await view().put([person(1, 1, 'Ana Soler')]);
    expect(await found('ruiz')).to.deep.equal([]);
    expect(await found('soler ana')).to.deep.equal([1]);
    await view().put([person(1, 0, 'Ana Vega')]);
    expect(await found('vega')).to.deep.equal([]);
    await view().put([tombstone(1, 2)]);
    expect(await found('soler')).to.deep.equal([]);
  });

  it('examines a limited number of documents for one page, and returns all that match over all pages', async function () {
    this.timeout(60_000);
    const many = MAX_SEARCHED + 500;
    const nameOf = (id: number): string => (id % 1_000 === 7 ? 'Ana Zurita' : `Ana Ruiz ${id}`);
    await write(Array.from({ length: many }, (_, n) => person(n + 1, 0, nameOf(n + 1))));
    const walkOf = async (q: string): Promise<{ walked: number[]; pages: number }> => {
      const walked: number[] = [];
      let pages = 0;
      for (let after: number | null = 0; after !== null; pages += 1) {
        const page: DocumentPage = await pageOf({ after, limit: 1_000, words: searchWords(q) });
        walked.push(...ids(page.documents));
        after = page.next;
      }
      return { walked, pages };
    };
    // A rare word leads straight to its documents; common ones alone walk through all, some at a time.
    expect(await walkOf('ana zur')).to.deep.equal({ walked: [7, 1_007, 2_007], pages: 1 });
    expect((await walkOf('ana')).walked).to.have.lengthOf(many);
    expect(await walkOf('ana r -')).to.deep.equal({ walked: [], pages: 2 });
  });

  it('reports documents that their words do not find', async () => {
    await write([person(1, 0, 'Ana Ruiz'), person(2, 0, 'Luis')]);
    const [one, two] = [person(1, 0, 'Ana Ruiz'), person(2, 0, 'Luis')];
    expect(await view().unfindable([one, two])).to.deep.equal([]);
    expect(await view().unfindable([{ ...one, search: 'ana vega' }, two])).to.deep.equal([1]);
    expect(await view().unfindable([])).to.deep.equal([]);
  });

  it('does not search members that are only in the body', async () => {
    await write([{ ...person(1, 0, 'Ana'), body: { secret: 'unsearchable' } }]);
    expect(await found('unsearchable')).to.deep.equal([]);
  });

  for (const literal of [
    '%',
    '_',
    '.',
    '*',
    '\\',
    '+',
    '?',
    '^',
    '$',
    '|',
    '(',
    '[',
    ']',
    '{',
    '/',
    '-',
    "'",
    '"',
    '&',
    '--',
    '@',
    '~',
    '😀',
  ]) {
    it(`treats ${literal}, which is not a word, literally`, async () => {
      await write([
        person(1, 0, 'ana banana 12 abc xyz'),
        person(2, 0, `ana ${literal} ruiz`),
        person(3, 0, `x${literal}y`),
      ]);
      expect(await found(literal)).to.deep.equal([2, 3]);
    });
  }

  for (const literal of [
    '[a-z]',
    '.*',
    'a|b',
    '\\d',
    '^ana',
    'ana$',
    '(?i)ana',
    '$where',
    'a_r',
    'a%z',
    'a.*z',
    "ana' OR 1=1",
  ]) {
    it(`sees no pattern in ${literal}`, async () => {
      await write([person(1, 0, 'anna banana 12 xyz'), person(2, 0, 'luis')]);
      expect(await found(literal)).to.deep.equal([]);
    });
  }

  it('finds words of other scripts', async () => {
    await write([person(1, 0, '山田 太郎'), person(2, 0, 'Иван Петров'), person(3, 0, 'محمد')]);
    expect(await found('太')).to.deep.equal([1]);
    expect(await found('ИВА пет')).to.deep.equal([2]);
    expect(await found('محم')).to.deep.equal([3]);
  });
}
