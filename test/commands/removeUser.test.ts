import { expect } from 'chai';
import { removeUser } from '../../src/commands/removeUser.ts';
import { user } from '../../src/domain/user.ts';
import { given, userRegistered, userRemoved } from '../support/decisions.ts';

describe('RemoveUser', () => {
  it('removes the user with this DNI in any spelling', () => {
    const registered = given(user, userRegistered());
    expect(registered.when(removeUser, { dni: '45678912 c' })).to.deep.equal([userRemoved]);
  });

  it('fails as not found if there is no user', () => {
    expect(given(user).when(removeUser, { dni: '45678912C' })).to.deep.equal({ code: 'not-found' });
  });

  it('fails as not found the second time', () => {
    const removed = given(user, userRegistered(), userRemoved);
    expect(removed.when(removeUser, { dni: '45678912C' })).to.deep.equal({ code: 'not-found' });
  });

  it('fails as not found if the user has a different DNI', () => {
    const registered = given(user, userRegistered());
    expect(registered.when(removeUser, { dni: '99999999Z' })).to.deep.equal({ code: 'not-found' });
  });
});
