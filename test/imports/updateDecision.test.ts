import { expect } from 'chai';
import type { Members } from '../../src/imports/list/listLine.ts';
import {
  decideUpdate,
  type NamedSubject,
  type UpdateDecision,
} from '../../src/imports/update/updateDecision.ts';
import { differingMembers, lockedMembers } from '../../src/imports/update/difference.ts';
import { maria, socia } from '../support/decisions.ts';

const user: NamedSubject = { id: 15, state: { ...socia, CP: '08001' }, isErased: false };
const other: NamedSubject = { id: 16, state: { ...socia, IdUsuario: 16, dni: '2' }, isErased: false };

interface OnRoll {
  byId?: NamedSubject;
  byDni?: NamedSubject;
}

/** `given` whom the line's id and DNI name, `when` the line is this: what is done about it. */
const given = ({ byId, byDni }: OnRoll, kind: 'users' | 'personas' = 'users') => ({
  when: (line: Members): UpdateDecision =>
    decideUpdate(kind, line, { byId: byId ?? null, byDni: byDni ?? null }),
});
const refused = (code: string, members?: string[]): object => ({
  decision: 'refuse',
  reason: { code, ...(members && { members }) },
});
const edit = { decision: 'edit', id: 15 };
const nothing = { decision: 'nothing' };
const register = { decision: 'register' };

describe('A line of an update', () => {
  it('given its id on the roll, when a cell differs, edits that subject', () => {
    expect(given({ byId: user }).when({ IdUsuario: 15, cuota: 47.5 })).to.deep.equal(edit);
  });

  it('given its DNI on the roll, when it has no id, edits the holder of the DNI', () => {
    expect(given({ byDni: user }).when({ dni: socia.dni, cuota: 47.5 })).to.deep.equal(edit);
  });

  it('given its id on the roll, when no cell differs, does nothing', () => {
    expect(given({ byId: user, byDni: user }).when({ ...socia, CP: '08001' })).to.deep.equal(nothing);
    expect(given({ byId: user }).when({ IdUsuario: 15 })).to.deep.equal(nothing);
  });

  it('given an id and a DNI that nobody has, may be a registration', () => {
    expect(given({}).when({ ...socia })).to.deep.equal(register);
    expect(given({}).when({ cuota: 3 })).to.deep.equal(register);
  });

  it('given a DNI whose holder has another id, is refused', () => {
    expect(given({ byDni: user }).when({ IdUsuario: 99, dni: socia.dni })).to.deep.equal(
      refused('id-differs'),
    );
  });

  it('given an id and a DNI of two people, is refused', () => {
    expect(given({ byId: user, byDni: other }).when({ IdUsuario: 15, dni: '2' })).to.deep.equal(
      refused('two-people'),
    );
  });

  it('given a removed subject, is refused, no matter who has its DNI now', () => {
    const removed = { ...user, state: null };
    expect(given({ byId: removed }).when({ IdUsuario: 15, cuota: 3 })).to.deep.equal(refused('removed'));
    expect(given({ byId: removed, byDni: other }).when({ IdUsuario: 15, dni: '2' })).to.deep.equal(
      refused('removed'),
    );
  });

  it('given an erased person, is refused and says so', () => {
    const erased = { ...user, state: null, isErased: true };
    expect(given({ byId: erased }).when({ IdUsuario: 15, cuota: 3 })).to.deep.equal(refused('erased'));
  });

  it('given a member that no edit may change, is refused only when it differs', () => {
    expect(
      given({ byId: user }).when({ IdUsuario: 15, dni: 'OTHER', isVerified: false, cuota: 3 }),
    ).to.deep.equal(refused('locked', ['dni', 'isVerified']));
    expect(given({ byId: user }).when({ IdUsuario: 15, dni: '45678912c' })).to.deep.equal(nothing);
    const person = { id: 5, state: { ...maria }, isErased: false };
    const line = { id: 5, created_at: '2024-03-01T09:00:00+01:00', cuenta: 'other' };
    expect(given({ byId: person }, 'personas').when(line)).to.deep.equal(refused('locked', ['cuenta']));
  });

  it('given a DNI that lost its leading zeros in a spreadsheet, takes it for the one of the user', () => {
    const member: NamedSubject = { ...user, state: { ...socia, dni: '01.234.567' } };
    expect(given({ byId: member }).when({ IdUsuario: 15, dni: '1234567', cuota: 47.5 })).to.deep.equal(edit);
    expect(given({ byId: member }).when({ IdUsuario: 15, dni: '1234568' })).to.deep.equal(
      refused('locked', ['dni']),
    );
    expect(given({ byId: member, byDni: other }).when({ IdUsuario: 15, dni: '1234567' })).to.deep.equal(
      refused('two-people'),
    );
  });
});

describe('The cells of a line that differ from a user', () => {
  const state = { ...socia, CP: '08001', telefono: '600111222', fechabaja: '2024-12-31' };
  const differing = (line: Members): Members => differingMembers('users', line, state);

  it('are those with another value', () => {
    expect(differing({ cuota: 47.5, nombre: socia.nombre, poblacion: 'Sóller' })).to.deep.equal({
      cuota: 47.5,
      poblacion: 'Sóller',
    });
  });

  it('include a cleared cell, unless the member is empty already', () => {
    expect(differing({ fechabaja: null, telefono: '' })).to.deep.equal({ fechabaja: null, telefono: '' });
    expect(differingMembers('users', { fechabaja: null }, { ...state, fechabaja: null })).to.deep.equal({});
    expect(differingMembers('users', { telefono: '' }, { ...state, telefono: '' })).to.deep.equal({});
  });

  it('do not include a member that the list does not have', () => {
    expect(differing({})).to.deep.equal({});
  });

  it('do not include digits that lost their leading zeros in a spreadsheet, but do include other digits', () => {
    expect(differing({ CP: '8001' })).to.deep.equal({});
    expect(differing({ CP: '8002' })).to.deep.equal({ CP: '8002' });
    expect(differing({ telefono: '0600111222' })).to.deep.equal({ telefono: '0600111222' });
  });

  it('are decided on the present value: one that was changed since the export is compared as it is now', () => {
    const line = { cuota: 30 };
    expect(differingMembers('users', line, { ...state, cuota: 30 })).to.deep.equal({});
    expect(differingMembers('users', line, { ...state, cuota: 99 })).to.deep.equal({ cuota: 30 });
  });

  it('take 1 and 0 for Socio and NoSocio', () => {
    expect(differingMembers('users', { socio: 1 }, { ...state, socio: 'Socio' })).to.deep.equal({});
    expect(differingMembers('users', { socio: 0 }, { ...state, socio: 'Socio' })).to.deep.equal({
      socio: 'NoSocio',
    });
  });

  it('do not include an empty cell where nothing is stored, but do include one that adds or removes a text', () => {
    const stored = { ...state, telefono: null, provincia: 'Lugo', CP: '000' };
    expect(differingMembers('users', { telefono: '' }, stored)).to.deep.equal({});
    const cells = { telefono: '600', provincia: '', CP: '' };
    expect(differingMembers('users', cells, stored)).to.deep.equal(cells);
  });

  it('include a text that lost a leading zero, unless it consists of digits', () => {
    expect(differingMembers('users', { CP: 'A1' }, { ...state, CP: '0A1' })).to.deep.equal({ CP: 'A1' });
  });

  it('lock the instant of a registration, however it is written', () => {
    const locked = (line: Members): string[] => lockedMembers('personas', line, { ...maria });
    const instant = Date.parse(maria.created_at);
    expect(locked({ created_at: new Date(instant).toISOString(), dni: 'another' })).to.deep.equal([]);
    expect(locked({ created_at: new Date(instant + 1).toISOString() })).to.deep.equal(['created_at']);
  });
});
