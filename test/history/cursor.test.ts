import { expect } from 'chai';
import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, type Cursor } from '../../src/history/cursor.ts';

const key = createSecretKey(Buffer.alloc(32, 1));
const someCursor: fc.Arbitrary<Cursor> = fc.record({
  upTo: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  place: fc.record({
    at: fc.integer({ min: -1e13, max: 1e13 }),
    position: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  }),
  subject: fc.constantFrom(null, 'persona-5', 'user-15'),
});

describe('A cursor', () => {
  it('returns what was put into it, for the question that it was made for', () => {
    fc.assert(
      fc.property(someCursor, fc.string(), (cursor, question) => {
        expect(decodeCursor(key, question, encodeCursor(key, question, cursor))).to.deep.equal(cursor);
      }),
    );
  });

  it('is invalid for another question and under another key', () => {
    const cursor: Cursor = { upTo: 9n, place: { at: 1, position: 2n }, subject: null };
    const text = encodeCursor(key, 'all', cursor);
    expect(decodeCursor(key, 'mine', text)).to.equal(null);
    expect(decodeCursor(createSecretKey(Buffer.alloc(32, 2)), 'all', text)).to.equal(null);
  });

  it('is invalid if anything in it was changed, added or removed', () => {
    fc.assert(
      fc.property(someCursor, fc.nat(), fc.constantFrom('A', 'z', '.', '', '=', ' '), (cursor, n, put) => {
        const text = encodeCursor(key, 'all', cursor);
        const at = n % text.length;
        const altered = text.slice(0, at) + put + text.slice(at + 1);
        fc.pre(altered !== text);
        expect(decodeCursor(key, 'all', altered)).to.equal(null);
      }),
    );
  });

  it('is invalid if it is arbitrary text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(decodeCursor(key, 'all', text)).to.equal(null);
      }),
    );
  });
});
