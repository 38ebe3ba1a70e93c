import { createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { decodeRollCursor, encodeRollCursor, type RollPlace } from '../../src/roll/reading/rollCursor.ts';

const key = createSecretKey(Buffer.alloc(32, 1));

const somePlace: fc.Arbitrary<RollPlace> = fc.record({
  after: fc.nat(),
  horizons: fc.array(fc.record({ at: fc.nat(), upTo: fc.bigInt(0n, 2n ** 64n) }), {
    minLength: 1,
    maxLength: 2,
  }),
});

describe('The cursor of a roll', () => {
  it('has the state of the walk for the question that it was issued for', () => {
    fc.assert(
      fc.property(somePlace, fc.string(), (place, question) => {
        expect(decodeRollCursor(key, question, encodeRollCursor(key, question, place))).to.deep.equal(place);
      }),
    );
  });

  it('is invalid for another question and under another key', () => {
    const text = encodeRollCursor(key, 'users', { after: 15, horizons: [{ at: 1, upTo: 9n }] });
    expect(decodeRollCursor(key, 'personas', text)).to.equal(null);
    expect(decodeRollCursor(createSecretKey(Buffer.alloc(32, 2)), 'users', text)).to.equal(null);
  });

  it('is invalid if anything in it was changed, added or removed', () => {
    fc.assert(
      fc.property(
        somePlace,
        fc.nat(),
        fc.constantFrom('A', 'z', '.', '.A', '', '=', ' '),
        fc.constantFrom(0, 1),
        (place, n, put, replaced) => {
          const text = encodeRollCursor(key, 'users', place);
          const at = n % (text.length + 1);
          const altered = text.slice(0, at) + put + text.slice(at + replaced);
          fc.pre(altered !== text);
          expect(decodeRollCursor(key, 'users', altered)).to.equal(null);
        },
      ),
    );
    const text = encodeRollCursor(key, 'users', { after: 15, horizons: [] });
    expect(decodeRollCursor(key, 'users', `${text}.more`)).to.equal(null);
  });
});
