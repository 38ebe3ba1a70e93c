import { expect } from 'chai';
import fc from 'fast-check';
import { parseInstant } from '../../src/history/instant.ts';

describe('An RFC 3339 instant', () => {
  for (const [text, iso] of [
    ['2024-03-01T08:00:00Z', '2024-03-01T08:00:00.000Z'],
    ['2024-03-01t08:00:00.5z', '2024-03-01T08:00:00.500Z'],
    ['2024-03-01T08:00:00+01:00', '2024-03-01T07:00:00.000Z'],
    ['2024-03-01T00:30:00.123-05:30', '2024-03-01T06:00:00.123Z'],
    ['2024-02-29T23:59:59.999Z', '2024-02-29T23:59:59.999Z'],
    ['2023-03-01T00:30:00+01:00', '2023-02-28T23:30:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['1990-12-31T23:59:60Z', '1991-01-01T00:00:00.000Z'],
    ['1990-12-31T15:59:60.5-08:00', '1991-01-01T00:00:00.500Z'],
    // What a plus in a query string becomes.
    ['2024-03-01T08:00:00 01:00', '2024-03-01T07:00:00.000Z'],
  ] as const) {
    it(`is ${iso} for ${text}`, () => {
      const instant = parseInstant(text);
      expect(instant).not.to.equal(null);
      expect(new Date(instant!.floor).toISOString()).to.equal(iso);
      expect(instant!.ceiling).to.equal(instant!.floor);
    });
  }

  it('may be finer than a millisecond', () => {
    const whole = Date.parse('2024-03-01T08:00:00.123Z');
    expect(parseInstant('2024-03-01T08:00:00.1230001Z')).to.deep.equal({ floor: whole, ceiling: whole + 1 });
    expect(parseInstant('2024-03-01T08:00:00.1230000Z')).to.deep.equal({ floor: whole, ceiling: whole });
  });

  for (const text of [
    '',
    'now',
    '2024-03-01',
    '2024-03-01T08:00:00',
    '2024-03-01 08:00:00Z',
    '2024-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-00-01T00:00:00Z',
    '2024-01-00T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T00:00:60Z',
    '2024-01-30T23:59:60Z',
    '2024-01-31T23:59:60+01:00',
    '2024-01-31T23:59:61Z',
    '2024-01-01T00:00:00+24:00',
    '2024-01-01T00:00:00+0100',
    '2024-1-1T0:0:0Z',
    ' 2024-01-01T00:00:00Z',
    '1709280000000',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      expect(parseInstant(text)).to.equal(null);
    });
  }

  it('survives being written and parsed again', () => {
    const range = { min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z') };
    fc.assert(
      fc.property(fc.date({ ...range, noInvalidDate: true }), (date) => {
        expect(parseInstant(date.toISOString())?.floor).to.equal(date.getTime());
      }),
    );
  });
});
