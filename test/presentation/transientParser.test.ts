import { expect } from 'chai';
import fc from 'fast-check';
import { transientParser } from '../../src/presentation/transientParser.ts';

const NAMES = ['before', 'after'];
const parse = transientParser(NAMES);

/** Texts with what JSON is made of, and what the parser itself puts in. */
const texts = fc.string({ unit: fc.constantFrom('"', ':', '\\', 'before', '\x7f', ',', '{', 'a', 'é') });
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    texts,
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(texts, fc.constantFrom(...NAMES)), tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('Parsing JSON for bulk work', () => {
  it('gives what JSON.parse gives', () => {
    fc.assert(
      fc.property(values, (value) => {
        const json = JSON.stringify(value);
        expect(parse(json)).to.deep.equal(JSON.parse(json));
      }),
      { numRuns: 1_000 },
    );
  });

  it('refuses what is no JSON', () => {
    expect(() => parse('{"before":"b"')).to.throw(SyntaxError);
  });
});
