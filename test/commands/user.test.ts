import { expect } from 'chai';
import { user } from '../../src/domain/user.ts';
import { personaRegistered, socia, stateAfter, userRegistered, userRemoved } from '../support/decisions.ts';

const edited = {
  type: 'UserEdited' as const,
  data: { changes: { cuota: { from: 25, to: 0 }, fechabaja: { from: null, to: '2025-01-31' } } },
};

describe('The user aggregate', () => {
  it('is the record that was registered', () => {
    expect(stateAfter(user, [userRegistered()])).to.deep.equal(socia);
  });

  it('takes over the changed members and keeps the others, the hash too', () => {
    const state = stateAfter(user, [userRegistered(), edited]);
    expect(state).to.deep.equal({ ...socia, cuota: 0, fechabaja: '2025-01-31' });
  });

  it('is gone after its removal', () => {
    expect(stateAfter(user, [userRegistered(), edited, userRemoved])).to.equal(null);
  });

  it('holds its DNI in normal form, in a name space of its own', () => {
    expect(user.uniqueValues(socia)).to.deep.equal([
      { space: 'user-dni', value: '45678912C', member: 'dni' },
    ]);
  });

  it('refuses events that cannot happen then', () => {
    expect(() => stateAfter(user, [edited])).to.throw('not registered');
    expect(() => stateAfter(user, [userRemoved])).to.throw('not registered');
    expect(() => stateAfter(user, [userRegistered(), userRegistered()])).to.throw('already');
    expect(() => stateAfter(user, [personaRegistered()])).to.throw('stream of a user');
  });
});
