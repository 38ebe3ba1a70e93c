import { expect } from 'chai';
import fc from 'fast-check';
import { normalDni } from '../../src/validation/dni.ts';

/** What a DNI's spelling may have more of without being another DNI. */
const NOISE = [
  ' ',
  '\u00a0',
  '\u3000',
  '\t',
  '-',
  '\u2010',
  '\u2013',
  '\u2014',
  '\ufe63',
  '.',
  '\u200b',
  '\u00ad',
];

describe('The normal form of a DNI', () => {
  const spellings: [string, string][] = [
    ['12345678z', '12345678Z'],
    [' 12.345.678-Z ', '12345678Z'],
    ['12 345 678 Z', '12345678Z'],
    ['１２３４５６７８Ｚ', '12345678Z'],
    ['X\u20131234567\u2014L', 'X1234567L'],
    ['123\u200b45\u00ad678', '12345678'],
    ['x–1234567–l', 'X1234567L'],
    ['ﬁ1', 'FI1'],
    ['straße', 'STRASSE'],
    // Before its upper case it must be a letter, and what the upper case takes apart is put together again.
    ['1ª', '1A'],
    ['\u0390', '\u03aa\u0301'],
    // Upper case of the dotted i is locale-free: the same DNI in Ankara and Madrid.
    ['i1', 'I1'],
    ['12/34_5', '12/34_5'],
    ['user-1', 'USER1'],
  ];
  for (const [spelling, normal] of spellings) {
    it(`of ${JSON.stringify(spelling)} is ${normal}`, () => {
      expect(normalDni(spelling)).to.equal(normal);
    });
  }

  for (const nothing of ['', '   ', '...', '-.-', '\u200b\u00ad', '\u2014']) {
    it(`of ${JSON.stringify(nothing)} is empty, so it is no DNI`, () => {
      expect(normalDni(nothing)).to.equal('');
    });
  }

  it('is the text itself if it is longer than any DNI, in time proportional to its length', function () {
    this.timeout(2_000); // at once; 4 s where the accents are put in order
    const long = `a${'\u0301\u0323'.repeat(30_000)}`;
    expect(normalDni(long)).to.equal(long);
    expect(normalDni(` ${'x'.repeat(198)}-`)).to.equal('X'.repeat(198));
  });

  it('does not change when it is normalised again', () => {
    // Without combining marks: one that a format character kept apart from its letter is left beside it.
    const unit = fc.constantFrom('7', 'x', 'ß', 'ﬁ', 'Ｚ', 'ǆ', 'ŉ', 'İ', 'ı', 'ς', '½', '℡', '/', ...NOISE);
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(normalDni(normalDni(text))).to.equal(normalDni(text));
      }),
    );
  });

  it('does not depend on case, spaces, dashes, dots or invisible characters', () => {
    const noisy = fc.array(
      fc.tuple(
        fc.constantFrom('0', '1', '7', '9', 'A', 'L', 'X', 'Z'),
        fc.boolean(),
        fc.constantFrom('', ...NOISE),
      ),
    );
    fc.assert(
      fc.property(noisy, (characters) => {
        const plain = characters.map(([character]) => character).join('');
        const spelling = characters
          .map(([one, lower, noise]) => (lower ? one.toLowerCase() : one) + noise)
          .join('');
        expect(normalDni(spelling)).to.equal(plain);
      }),
    );
  });

  it('contains no white space, dash, format character or full stop', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(normalDni(text)).to.not.match(/[\p{White_Space}\p{Pd}\p{Cf}.]/u);
      }),
    );
  });
});
