import { expect } from 'chai';
import { user } from '../../src/domain/user.ts';
import { personaRegistered, socia, stateAfter, userRegistered, userRemoved } from '../support/decisions.ts';

const edited = {
  type: 'UserEdited' as const,
  data: { changes: { cuota: { from: 25, to: 0 }, fechabaja: { from: null, to: '2025-01-31' } } },
};

describe('The user aggregate', () => {
  it('is the registered record', () => {
    expect(stateAfter(user, [userRegistered()])).to.deep.equal(socia);
  });

  it('applies the changed members and keeps the others, including the hash', () => {
    const state = stateAfter(user, [userRegistered(), edited]);
    expect(state).to.deep.equal({ ...socia, cuota: 0, fechabaja: '2025-01-31' });
  });

  it('is absent after its removal', () => {
    expect(stateAfter(user, [userRegistered(), edited, userRemoved])).to.equal(null);
  });

  it('holds its DNI in normal form, in the name space of users', () => {
    expect(user.uniqueValues(socia)).to.deep.equal([
      { space: 'user-dni', value: '45678912C', member: 'dni' },
    ]);
  });

  it('rejects events that are impossible in its state', () => {
    expect(() => stateAfter(user, [edited])).to.throw('not registered');
    expect(() => stateAfter(user, [userRemoved])).to.throw('not registered');
    expect(() => stateAfter(user, [userRegistered(), userRegistered()])).to.throw('already');
    expect(() => stateAfter(user, [personaRegistered()])).to.throw('stream of a user');
  });
});
