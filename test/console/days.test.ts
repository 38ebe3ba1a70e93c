import { expect } from 'chai';
import { compareClocks, serverNow } from '../../src/console/time/serverClock.ts';
import { dayBefore, dayIn, isDate } from '../../src/console/time/days.ts';

describe('Dates in the console', () => {
  it('are those of the time zone in which the service reads dates', () => {
    const evening = new Date('2026-12-31T23:30:00Z');
    expect(dayIn('UTC', evening)).to.equal('2026-12-31');
    expect(dayIn('Europe/Madrid', evening)).to.equal('2027-01-01');
    expect(dayIn('America/Bogota', evening)).to.equal('2026-12-31');
  });

  it('are those that the calendar has', () => {
    for (const date of ['2028-02-29', '2026-12-31', '0001-01-01']) expect(isDate(date), date).to.equal(true);
    for (const text of ['', '2026-04-31', '2027-02-29', '2026-13-01', '0000-01-01', '2026-1-1', 'x', '2026'])
      expect(isDate(text), text).to.equal(false);
  });

  it('follow one another across months and years', () => {
    expect(dayBefore('2028-03-01')).to.equal('2028-02-29');
    expect(dayBefore('2027-01-01')).to.equal('2026-12-31');
  });
});

describe('The clock of the console', () => {
  const differenceMs = (): number => serverNow().getTime() - Date.now();
  const compareWith = (ms: number): void => {
    compareClocks(new Date(Date.now() + ms).toUTCString());
  };
  afterEach(() => {
    compareClocks(new Date().toUTCString());
  });

  it('follows the server, however wrong the clock of the computer is', () => {
    for (const ms of [-600_000, 86_400_000]) {
      compareWith(ms);
      expect(differenceMs()).to.be.closeTo(ms, 2_000);
    }
  });

  it('is that of the computer as long as it is right, and where an answer names no time', () => {
    compareWith(-3_000);
    expect(differenceMs()).to.be.closeTo(0, 50);
    compareWith(600_000);
    compareClocks(null);
    expect(differenceMs()).to.be.closeTo(0, 50);
  });
});
