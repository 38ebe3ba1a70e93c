import { expect } from 'chai';
import fc from 'fast-check';
import { createMoments } from '../../src/roll/moments.ts';
import { isTimeZone } from '../../src/roll/timeZone.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const MADRID = createMoments('Europe/Madrid');

function read(text: string, timeZone = 'UTC'): string {
  const read = createMoments(timeZone).read(text, NOW);
  return 'issue' in read ? read.issue : new Date(read.at).toISOString();
}

describe('The moment of a roll', () => {
  it('is an RFC 3339 instant as it is', () => {
    expect(read('2026-01-01T00:00:00Z', 'Europe/Madrid')).to.equal('2026-01-01T00:00:00.000Z');
    expect(read('2026-01-01T00:00:00+01:00')).to.equal('2025-12-31T23:00:00.000Z');
  });

  const ends: [string, string, string][] = [
    ['UTC', '2025-12-31', '2025-12-31T23:59:59.999Z'],
    ['Europe/Madrid', '2026-01-01', '2026-01-01T22:59:59.999Z'],
    ['Europe/Madrid', '2025-07-01', '2025-07-01T21:59:59.999Z'],
    // Clocks go forward at 02:00, and back at 03:00: days of 23 and of 25 hours.
    ['Europe/Madrid', '2026-03-28', '2026-03-28T22:59:59.999Z'],
    ['Europe/Madrid', '2026-03-29', '2026-03-29T21:59:59.999Z'],
    ['Europe/Madrid', '2025-10-26', '2025-10-26T22:59:59.999Z'],
    ['Atlantic/Canary', '2025-12-31', '2025-12-31T23:59:59.999Z'],
    // Midnight does not exist on the next day: clocks go from 24:00 to 01:00.
    ['America/Santiago', '2025-09-06', '2025-09-07T03:59:59.999Z'],
    // Midnight comes twice on the next day: its first one ends this day.
    ['America/Havana', '2025-11-01', '2025-11-02T03:59:59.999Z'],
  ];
  for (const [zone, date, end] of ends) {
    it(`is the end of ${date} in ${zone}`, () => {
      expect(read(date, zone)).to.equal(end);
    });
  }

  for (const text of [
    '',
    '2026-02-30',
    '2026-13-01',
    '2026-1-1',
    '2026-01-01T00:00:00',
    'yesterday',
    '20260101',
  ]) {
    it(`is not «${text}»`, () => {
      expect(read(text)).to.equal('moment');
    });
  }

  it('cannot be in the future, so today has no roll before its end', () => {
    expect(read('2026-06-01T12:00:00.001Z')).to.equal('future');
    expect(read('2026-06-01T12:00:00Z')).to.equal('2026-06-01T12:00:00.000Z');
    expect(read('2026-06-01')).to.equal('future');
    expect(read('2026-05-31')).to.equal('2026-05-31T23:59:59.999Z');
  });

  it('of one record may be an instant in the future, and a date only when it is over', () => {
    const of = (text: string): unknown => MADRID.readForRecord(text, NOW);
    expect(of('2999-01-01T00:00:00Z')).to.deep.equal({ at: Date.parse('2999-01-01T00:00:00Z') });
    expect(of('2026-05-31')).to.deep.equal({ at: Date.parse('2026-05-31T21:59:59.999Z') });
    expect(of('2026-06-01')).to.deep.equal({ issue: 'future' });
    expect(of('yesterday')).to.deep.equal({ issue: 'moment' });
  });

  it('of a date is the last millisecond that falls on it, in every time zone', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    const days = fc.date({ min: new Date('1970-01-03'), max: new Date('2026-05-01'), noInvalidDate: true });
    fc.assert(
      fc.property(zones, days, (zone, day) => {
        const moments = createMoments(zone);
        const date = moments.dayOf(day.getTime());
        const found = moments.read(date, NOW);
        if ('issue' in found) throw new Error(`${date} in ${zone}: ${found.issue}`);
        expect(moments.dayOf(found.at)).to.equal(date);
        expect(moments.dayOf(found.at + 1)).to.not.equal(date);
        expect(found.at).to.be.at.least(day.getTime());
      }),
      { numRuns: 300 },
    );
  });

  it('is on the date that local clocks show', () => {
    expect(MADRID.dayOf(Date.parse('2025-12-31T22:59:59.999Z'))).to.equal('2025-12-31');
    expect(MADRID.dayOf(Date.parse('2025-12-31T23:00:00Z'))).to.equal('2026-01-01');
  });
});

describe('A time zone', () => {
  it('must have a name of the IANA database', () => {
    for (const name of ['UTC', 'Europe/Madrid', 'America/Argentina/Buenos_Aires']) {
      expect(isTimeZone(name), name).to.equal(true);
    }
    for (const name of ['', 'Madrid', 'Europe/Nowhere', '+02:00', 'UTC+2']) {
      expect(isTimeZone(name), name).to.equal(false);
    }
  });
});
