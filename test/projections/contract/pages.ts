import { expect } from 'chai';
import { searchWords, type ViewDocument } from '../../../src/projections/readModel.ts';
import { at, everything, ids, person, tombstone, type OpenedView } from './examples.ts';

/** What a page has in it. */
export function pageRules({ view }: OpenedView): void {
  const write = (documents: ViewDocument[]): Promise<string> =>
    view().write({ documents, from: null, to: at(1n) });
  const found = async (q: string): Promise<number[]> =>
    ids(await view().page({ ...everything, words: searchWords(q) }));

  it('is in the order of the ids, as numbers', async () => {
    await write([10, 9, 2, 100, 1].map((id) => person(id, 0)));
    expect(ids(await view().page(everything))).to.deep.equal([1, 2, 9, 10, 100]);
  });

  it('holds whole documents', async () => {
    await write([person(1, 3)]);
    expect(await view().page(everything)).to.deep.equal([person(1, 3)]);
  });

  it('starts after an id, be it there or not, and ends at the limit', async () => {
    await write([1, 2, 3, 5, 6, 7].map((id) => person(id, 0)));
    expect(ids(await view().page({ after: 3, limit: 2, words: [] }))).to.deep.equal([5, 6]);
    expect(ids(await view().page({ after: 4, limit: 2, words: [] }))).to.deep.equal([5, 6]);
    expect(ids(await view().page({ after: 7, limit: 2, words: [] }))).to.deep.equal([]);
  });

  it('is filled up to the limit past tombstones and documents without the words', async () => {
    await write([
      person(1, 0, 'Ana'),
      tombstone(2, 1),
      person(3, 0, 'Luis'),
      person(4, 0, 'Ana'),
      person(5, 0, 'Ana'),
    ]);
    expect(ids(await view().page({ after: 0, limit: 2, words: ['ana'] }))).to.deep.equal([1, 4]);
  });

  it('walks every document once', async () => {
    await write(Array.from({ length: 25 }, (_, i) => person(i * 3 + 1, 0)));
    const walked: number[] = [];
    for (let after = 0; ; after = walked.at(-1)!) {
      const page = ids(await view().page({ after, limit: 4, words: [] }));
      walked.push(...page);
      if (page.length < 4) break;
    }
    expect(walked).to.deep.equal(Array.from({ length: 25 }, (_, i) => i * 3 + 1));
  });

  it('finds words whatever their case and accents', async () => {
    await write([person(1, 0, 'José García'), person(2, 0, 'JOSE GARCIA'), person(3, 0, 'Iñaki Núñez')]);
    expect(await found('garcia')).to.deep.equal([1, 2]);
    expect(await found('GARCÍA')).to.deep.equal([1, 2]);
    expect(await found('nunez')).to.deep.equal([3]);
    expect(await found('ÑAK')).to.deep.equal([3]);
  });

  it('finds only documents that contain every word, in any order and anywhere in it', async () => {
    await write([person(1, 0, 'Ana Ruiz Soler'), person(2, 0, 'Ana Soler'), person(3, 0, 'Luis Ruiz')]);
    expect(await found('ruiz ana')).to.deep.equal([1]);
    expect(await found('ole na')).to.deep.equal([1, 2]);
    expect(await found('ana pedro')).to.deep.equal([]);
  });

  it('does not search what is in the body only', async () => {
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
    ')',
    '[',
    ']',
    '{',
    '}',
    '/',
    '-',
    "'",
    '"',
    '#',
    '&',
    '[a-z]',
    '.*',
    'a|b',
    '\\d',
    '^ana',
    'ana$',
    '(?i)ana',
    '$where',
    '--',
    '@',
    '~',
    '😀',
    '名前',
  ]) {
    it(`takes ${literal} as it stands`, async () => {
      await write([
        person(1, 0, 'ana banana 12 abc xyz'),
        person(2, 0, `ana ${literal} ruiz`),
        person(3, 0, `x${literal}y`),
      ]);
      expect(await found(literal)).to.deep.equal([2, 3]);
    });
  }

  it('takes wildcards inside of words as they stand', async () => {
    await write([person(1, 0, 'ana_ruiz@example.com'), person(2, 0, 'anaXruiz@exampleXcom')]);
    expect(await found('a_r')).to.deep.equal([1]);
    expect(await found('e.c')).to.deep.equal([1]);
    expect(await found('a%z')).to.deep.equal([]);
    expect(await found('a.*z')).to.deep.equal([]);
  });
}
