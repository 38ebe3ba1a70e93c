import { expect } from 'chai';
import { registerUser, type RegisterUserBody } from '../../src/commands/registerUser.ts';
import { user } from '../../src/domain/user.ts';
import { given, socia, userRegistered } from '../support/decisions.ts';
import { HASH, userBody } from '../support/people.ts';

const body = (changes: Partial<RegisterUserBody> = {}): RegisterUserBody =>
  userBody({ dni: '45678912-C', password: HASH, ...changes });

const dataOf = (events: unknown): Record<string, unknown> =>
  (events as [{ data: Record<string, unknown> }])[0].data;

describe('RegisterUser', () => {
  it('records every member of the user, verified and without a code', () => {
    const events = given(user).when(registerUser, body(), { id: 15 });
    expect(events).to.deep.equal([{ type: 'UserRegistered', data: socia }]);
  });

  it('stores 1 as Socio and 0 as NoSocio', () => {
    expect(dataOf(given(user).when(registerUser, body({ socio: 1 })))).to.include({ socio: 'Socio' });
    expect(dataOf(given(user).when(registerUser, body({ socio: 0 })))).to.include({ socio: 'NoSocio' });
  });

  it('stores minus zero as zero', () => {
    expect(Object.is(dataOf(given(user).when(registerUser, body({ cuota: -0 })))['cuota'], 0)).to.equal(true);
  });

  it('records no fechabaja if it is omitted', () => {
    const { fechabaja: _, ...without } = body();
    expect(dataOf(given(user).when(registerUser, without))).to.include({ fechabaja: null });
  });

  it('refuses a fechabaja before fechaalta and accepts the same day', () => {
    const wrong = body({ fechaalta: '2024-03-15', fechabaja: '2024-03-14' });
    expect(given(user).when(registerUser, wrong)).to.deep.equal({
      code: 'invalid',
      faults: [{ path: '/fechabaja', member: 'fechabaja', rule: 'not-before', wanted: 'fechaalta' }],
    });
    const sameDay = body({ fechaalta: '2024-03-15', fechabaja: '2024-03-15' });
    expect(dataOf(given(user).when(registerUser, sameDay))).to.include({ fechabaja: '2024-03-15' });
  });

  it('does not overwrite another user', () => {
    expect(given(user, userRegistered()).when(registerUser, body())).to.deep.equal({ code: 'id-taken' });
  });
});
