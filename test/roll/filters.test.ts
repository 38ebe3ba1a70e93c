import { expect } from 'chai';
import { acceptsUser, NO_FILTERS, withWords, type RollFilters } from '../../src/roll/filters.ts';
import { userRoll } from '../../src/roll/rollKinds.ts';
import { socia } from '../support/decisions.ts';

const DAY = '2025-01-31';
const member = {
  ...socia,
  fechaalta: '2020-03-01',
  fechabaja: null,
  categoria: 'Júnior',
  socio: 'Socio' as const,
};
const lists = (filters: Partial<RollFilters>, changes: Partial<typeof socia> = {}): boolean => {
  const all = { ...NO_FILTERS, ...filters };
  return withWords(userRoll, all.q, acceptsUser(all, DAY))?.({ ...member, ...changes }) ?? true;
};

describe('The filters of a roll', () => {
  const stays: [fechaalta: string, fechabaja: string | null, isActive: boolean][] = [
    ['2025-01-31', null, true],
    ['2025-02-01', null, false],
    ['2020-03-01', '2025-02-01', true],
    ['2020-03-01', '2025-01-31', false],
    ['2020-03-01', '2025-01-30', false],
  ];
  for (const [fechaalta, fechabaja, isActive] of stays) {
    it(`take a member from ${fechaalta} to ${fechabaja ?? 'now'} as ${isActive ? '' : 'not '}active on ${DAY}`, () => {
      expect(lists({ activo: true }, { fechaalta, fechabaja })).to.equal(isActive);
      expect(lists({ activo: false }, { fechaalta, fechabaja })).to.equal(!isActive);
    });
  }

  it('compare the categoria without case, accents and outer white space, but whole', () => {
    expect(lists({ categoria: ' junior ' })).to.equal(true);
    expect(lists({ categoria: 'juni' })).to.equal(false);
    expect(lists({ categoria: 'strasse' }, { categoria: 'Straße' })).to.equal(true);
  });

  it('search names as the lists of the present do', () => {
    const named = { nombre: 'Łukasz', apellidos: 'Sørensen' };
    expect(lists({ q: 'soren LUKASZ' }, named)).to.equal(true);
    expect(lists({ q: 'Łukasz Sør' }, { nombre: 'Lukasz', apellidos: 'Sorensen' })).to.equal(true);
    expect(lists({ q: 'orensen' }, named)).to.equal(false);
  });

  it('must all accept a member', () => {
    const fitting = { q: member.nombre, categoria: 'junior', socio: 'Socio', activo: true } as const;
    expect(lists(fitting)).to.equal(true);
    expect(lists({ ...fitting, q: 'nobody' })).to.equal(false);
    expect(lists({ ...fitting, categoria: 'senior' })).to.equal(false);
    expect(lists({ ...fitting, socio: 'NoSocio' })).to.equal(false);
    expect(lists({ ...fitting, activo: false })).to.equal(false);
    expect(lists({ q: 'nobody' })).to.equal(false);
    expect(lists({ q: member.nombre })).to.equal(true);
  });
});
