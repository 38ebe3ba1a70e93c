import { expect } from 'chai';
import { rarestFirst, type KeyAhead } from '../../src/projections/ports/rarestKey.ts';

const few = (key: string, rows: number): KeyAhead => ({ key, ahead: rows });
const many = (key: string, at: number, position = 0n): KeyAhead => ({ key, ahead: { at, position } });

describe('The rarest of several keys', () => {
  it('is the one with the fewest rows, if one has few', () => {
    expect(rarestFirst([many('a', 9), few('b', 20), few('c', 3)], 'asc')).to.deep.equal(['c', 'b', 'a']);
  });

  it('is the one whose rows reach farthest in the direction of reading, if all have many', () => {
    const keys = [many('near', 10), many('far', 30), many('middle', 20)];
    expect(rarestFirst(keys, 'asc')).to.deep.equal(['far', 'middle', 'near']);
    expect(rarestFirst(keys, 'desc')).to.deep.equal(['near', 'middle', 'far']);
  });

  it('is decided by the position within one instant; of equal keys the first one counts', () => {
    expect(rarestFirst([many('a', 5, 1n), many('b', 5, 2n)], 'asc')).to.deep.equal(['b', 'a']);
    expect(rarestFirst([many('a', 5), many('b', 5)], 'desc')).to.deep.equal(['a', 'b']);
    expect(rarestFirst([few('a', 5), few('b', 5)], 'asc')).to.deep.equal(['a', 'b']);
  });
});
