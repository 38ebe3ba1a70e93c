import { expect } from 'chai';
import { correctPersona } from '../../src/commands/correctPersona.ts';
import { correctUser } from '../../src/commands/correctUser.ts';
import { persona } from '../../src/domain/persona.ts';
import { user } from '../../src/domain/user.ts';
import {
  given,
  MONITOR,
  personaRegistered,
  socia,
  userRegistered,
  userRemoved,
} from '../support/decisions.ts';

describe('The correction of some members', () => {
  const ofUser = (wanted: object | null) => ({ id: socia.IdUsuario, wanted: () => wanted });
  const ofPersona = (wanted: object | null) => ({ id: 5, wanted: () => wanted });
  const registered = given(user, userRegistered());

  it('keeps the others, and stores nothing if none differs', () => {
    expect(registered.when(correctUser, ofUser({ cuota: 47.5 }))).to.deep.equal([
      { type: 'UserEdited', data: { changes: { cuota: { from: socia.cuota, to: 47.5 } } } },
    ]);
    expect(registered.when(correctUser, ofUser({ cuota: socia.cuota }))).to.deep.equal([]);

    const person = given(persona, personaRegistered({ telefono: '600' }));
    expect(person.when(correctPersona, ofPersona({ telefono: null }))).to.deep.equal([
      { type: 'PersonaProfileUpdated', data: { changes: { telefono: { from: '600', to: null } } } },
    ]);
    expect(person.when(correctPersona, ofPersona({ telefono: '600' }))).to.deep.equal([]);
  });

  it('is stale if the subject is no longer the one that was found', () => {
    expect(registered.when(correctUser, ofUser(null))).to.deep.equal({ code: 'stale' });
    const person = given(persona, personaRegistered());
    expect(person.when(correctPersona, ofPersona(null))).to.deep.equal({ code: 'stale' });
  });

  it('fails as not found if there is no subject, or no more', () => {
    const removed = given(user, userRegistered(), userRemoved);
    expect(removed.when(correctUser, ofUser({ cuota: 1 }))).to.deep.equal({ code: 'not-found' });
    expect(given(persona).when(correctPersona, ofPersona({}))).to.deep.equal({ code: 'not-found' });
  });

  it('of a user keeps the rules of any edit', () => {
    const early = ofUser({ fechabaja: '1900-01-01' });
    expect(registered.when(correctUser, early)).to.have.property('code', 'invalid');
    const promotion = ofUser({ categoria: 'admin' });
    expect(registered.when(correctUser, promotion, { actor: MONITOR })).to.deep.equal({ code: 'forbidden' });
  });
});
