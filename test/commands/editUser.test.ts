import { expect } from 'chai';
import { editUser, type EditUserBody } from '../../src/commands/editUser.ts';
import { user } from '../../src/domain/user.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { given, socia, userRegistered, userRemoved } from '../support/decisions.ts';
import { editOf } from '../support/people.ts';

const edit = (changes: Partial<EditUserBody> = {}, before: Partial<UserRecord> = {}) =>
  given(user, userRegistered(before)).when(editUser, editOf({ ...socia, ...before }, changes));

const edited = (changes: object): unknown => [{ type: 'UserEdited', data: { changes } }];

describe('EditUser', () => {
  it('produces an event with the value before and after of each changed member only', () => {
    expect(edit({ cuota: 30, formadepago: 'Tarjeta' })).to.deep.equal(
      edited({ cuota: { from: 25, to: 30 }, formadepago: { from: 'Transferencia', to: 'Tarjeta' } }),
    );
  });

  it('produces no event when nothing changes', () => {
    expect(edit()).to.deep.equal([]);
  });

  it('keeps the stored spelling of an equal DNI', () => {
    expect(edit({ dni: ' 45.678.912 c' })).to.deep.equal([]);
  });

  it('keeps fechabaja when it is omitted', () => {
    const before = { fechabaja: '2025-01-31' };
    const { fechabaja: _, ...without } = editOf({ ...socia, ...before });
    expect(given(user, userRegistered(before)).when(editUser, without)).to.deep.equal([]);
  });

  it('clears fechabaja with null', () => {
    expect(edit({ fechabaja: null }, { fechabaja: '2025-01-31' })).to.deep.equal(
      edited({ fechabaja: { from: '2025-01-31', to: null } }),
    );
  });

  it('reads 1 as Socio and 0 as NoSocio', () => {
    expect(edit({ socio: 1 })).to.deep.equal([]);
    expect(edit({ socio: 0 })).to.deep.equal(edited({ socio: { from: 'Socio', to: 'NoSocio' } }));
  });

  it('treats minus zero as zero', () => {
    expect(edit({ cuota: -0 }, { cuota: 0 })).to.deep.equal([]);
  });

  it('refuses a fechabaja before fechaalta', () => {
    expect(edit({ fechabaja: '2024-03-14' })).to.deep.equal({
      code: 'invalid',
      faults: [{ path: '/fechabaja', member: 'fechabaja', rule: 'not-before', wanted: 'fechaalta' }],
    });
  });

  it('refuses a fechaalta after the unchanged fechabaja', () => {
    const before = { fechabaja: '2025-01-31' };
    const { fechabaja: _, ...without } = editOf({ ...socia, ...before }, { fechaalta: '2025-02-01' });
    expect(given(user, userRegistered(before)).when(editUser, without)).to.have.property('code', 'invalid');
  });

  it('fails as not found if no user has this id', () => {
    expect(given(user).when(editUser, editOf(socia))).to.deep.equal({ code: 'not-found' });
  });

  it('fails as not found after the removal', () => {
    const removed = given(user, userRegistered(), userRemoved);
    expect(removed.when(editUser, editOf(socia))).to.deep.equal({ code: 'not-found' });
  });

  it('fails as not found if the user has a different DNI', () => {
    expect(edit({ dni: '99999999Z' })).to.deep.equal({ code: 'not-found' });
  });
});
