import { expect } from 'chai';
import fc from 'fast-check';
import { parseTransient } from '../../src/presentation/parseTransient.ts';

describe('Parsing JSON for bulk work', () => {
  it('gives what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify(value);
        expect(parseTransient(json)).to.deep.equal(JSON.parse(json));
      }),
    );
  });

  it('leaves texts alone that look like members, or like its padding', () => {
    const value = { a: '":"', '":"': 'b', c: ['\x7f'.repeat(20), { d: '\x7f'.repeat(20) }], e: '\\":"\\' };
    expect(parseTransient(JSON.stringify(value))).to.deep.equal(value);
  });

  it('refuses what is no JSON', () => {
    expect(() => parseTransient('{"a":"b"')).to.throw(SyntaxError);
  });
});
