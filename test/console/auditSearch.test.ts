import { expect } from 'chai';
import { searchIn } from '../../src/console/screens/audit/search.ts';

describe('The search of the audit', () => {
  it('looks for a date as it is written, and only makes the beginning and the end instants', () => {
    const date = '2024-03-15';
    const others = { q: date, actor: date, correlation: date };
    const { from, to, ...rest } = searchIn(new URLSearchParams({ ...others, from: date, to: date }));
    expect(rest).to.deep.equal(others);
    expect(Date.parse(to ?? '') - Date.parse(from ?? '')).to.equal(24 * 60 * 60_000);
  });

  it('leaves a date that the calendar does not have to the server, which refuses it', () => {
    expect(searchIn(new URLSearchParams({ from: '2026-04-31' }))).to.deep.equal({ from: '2026-04-31' });
  });
});
