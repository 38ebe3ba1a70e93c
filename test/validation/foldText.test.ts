import { expect } from 'chai';
import fc from 'fast-check';
import { hasWords, SEARCH_TEXT_SINCE, searchText, searchWords } from '../../src/projections/views/search.ts';
import { foldText } from '../../src/validation/foldText.ts';

/** Texts folded, by the version of the views that search them: another result needs a new version here. */
const FOLDED: Record<number, Record<string, string>> = {
  3: {
    'JOSÉ Núñez': 'jose nunez',
    'ŁUKASZ Wałęsa': 'lukasz walesa',
    'Søren Ørsted': 'soren orsted',
    'Straße STRAẞE': 'strasse strasse',
    'Đorđe Đỗ': 'dorde do',
    'Æsa Ǽ Œuvre': 'aesa ae oeuvre',
    'Þórður Ðið': 'thordur did',
    'Işık IŞIK İpek': 'isik isik ipek',
    'Ħal Ŧ Ŋ ŉ': "hal t n 'n",
    'Məmmədov Əliyev': 'mammadov aliyev',
    'Ɓala Ɗan Ƙano Ɔ Ɛ': 'bala dan kano o e',
    'Γιάννης ΓΙΑΝΝΗΣ Ὀδυσσεύς': 'γιαννησ γιαννησ οδυσσευσ',
    'Oʼahu ʻIolani': "o'ahu 'iolani",
    'ﬁ ½ ª Ⅻ': 'fi 1⁄2 a xii',
    'Иван Йорданов': 'иван иорданов',
    '山田 太郎 😀': '山田 太郎 😀',
  },
};

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;

/** Every character but those that have neither case nor accents by the ten thousand. */
const everyCharacter = (): string[] =>
  Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code)).filter(
    (one) => /[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}]/u.test(one) && !/[\p{Script=Han}\p{Script=Hangul}]/u.test(one),
  );

/** Letters of names in small and capital, decomposed and not, with what stands between words. */
const nameOf = fc
  .array(
    fc.constantFrom(
      ...Array.from('aeionrsAEIONRSáéíñçüøłđðþßæœıħŋəÁÉÍÑÇÜØŁĐÐÞẞÆŒİĦŊƏσςΣάΆйЙ'),
      ...['e\u0301', 'N\u0303', "'", 'ʼ', '’', '-', ' ', '\u0327', 'ﬁ', 'ǆ', '太'],
    ),
    { minLength: 1, maxLength: 24 },
  )
  .map((letters) => letters.join(''));

/** The ways of typing a text. */
const spellingsOf = (text: string): string[] => [
  text.toUpperCase(),
  text.toLowerCase(),
  ...FORMS.map((form) => text.normalize(form)),
  foldText(text),
  foldText(text).toUpperCase(),
];

describe('A folded text', () => {
  it('stays the same while the version of the views that search it does', () => {
    const texts = Object.keys(FOLDED[SEARCH_TEXT_SINCE] ?? {});
    const folded = Object.fromEntries(texts.map((text) => [text, foldText(text)]));
    expect({ [SEARCH_TEXT_SINCE]: folded }).to.deep.equal(FOLDED);
  });

  it('is the same in small letters and in every normal form, and stays as it is when folded again', () => {
    const others = everyCharacter().filter((one) =>
      [one.toLowerCase(), foldText(one), ...FORMS.map((form) => one.normalize(form))].some(
        (spelling) => foldText(spelling) !== foldText(one),
      ),
    );
    expect(others).to.deep.equal([]);
  });

  it('has no letter that differs in capitals, but for the iota below a vowel and old Slavonic', () => {
    const others = everyCharacter().filter((one) => foldText(one.toUpperCase()) !== foldText(one));
    const known = /\u0345|[\u1c80-\u1c88]/;
    expect(others.filter((one) => !known.test(one.normalize('NFD')))).to.deep.equal([]);
  });
});

describe('A search', () => {
  it('finds a name by the beginning of it in any spelling', () => {
    fc.assert(
      fc.property(nameOf, fc.nat({ max: 24 }), (name, length) => {
        const text = searchText('Ana', name);
        for (const spelling of spellingsOf(Array.from(name).slice(0, length).join(''))) {
          expect(hasWords(text, searchWords(spelling)), JSON.stringify({ name, spelling })).to.equal(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds a name whose spelling alone has what the keyboard lacks, and the other way round', () => {
    for (const [one, other] of [
      ['Łukasz', 'Lukasz'],
      ['Søren', 'Soren'],
      ['Straße', 'Strasse'],
      ['Þorlákur', 'Thorlakur'],
      ['Yıldız', 'Yildiz'],
    ] as const) {
      expect(hasWords(searchText(one), searchWords(other)), other).to.equal(true);
      expect(hasWords(searchText(other), searchWords(one)), one).to.equal(true);
    }
  });
});
