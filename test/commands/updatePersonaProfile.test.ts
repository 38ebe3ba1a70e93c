import { expect } from 'chai';
import { persona } from '../../src/domain/persona.ts';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import { given, maria, personaRegistered } from '../support/decisions.ts';

const byMaria = { actor: { account: 'maria', role: 'asistente' } };
const registered = given(persona, personaRegistered());

describe('UpdatePersonaProfile', () => {
  it('produces an event with the value before and after of each changed member only', () => {
    const events = registered.when(
      updatePersonaProfile,
      { telefono: '+9876543210', foto_url: 'https://example.com/new-photo.jpg', nombres: 'María' },
      byMaria,
    );
    expect(events).to.deep.equal([
      {
        type: 'PersonaProfileUpdated',
        data: {
          changes: {
            telefono: { from: '+1234567890', to: '+9876543210' },
            foto_url: { from: null, to: 'https://example.com/new-photo.jpg' },
          },
        },
      },
    ]);
  });

  it('produces no event for an empty request', () => {
    expect(registered.when(updatePersonaProfile, {}, byMaria)).to.deep.equal([]);
  });

  it('produces no event when every value is unchanged', () => {
    const { nombres, apellidos, telefono, dni, foto_url } = maria;
    const same = { nombres, apellidos, telefono, dni, foto_url };
    expect(registered.when(updatePersonaProfile, same, byMaria)).to.deep.equal([]);
  });

  it('clears the phone with null', () => {
    expect(registered.when(updatePersonaProfile, { telefono: null }, byMaria)).to.deep.equal([
      {
        type: 'PersonaProfileUpdated',
        data: { changes: { telefono: { from: '+1234567890', to: null } } },
      },
    ]);
  });

  it('stores another spelling of the person’s own DNI as a change of text', () => {
    expect(registered.when(updatePersonaProfile, { dni: '12.345.678' }, byMaria)).to.deep.equal([
      {
        type: 'PersonaProfileUpdated',
        data: { changes: { dni: { from: '12345678', to: '12.345.678' } } },
      },
    ]);
  });

  it('compares with the values of earlier updates', () => {
    const updated = given(persona, personaRegistered(), {
      type: 'PersonaProfileUpdated',
      data: { changes: { telefono: { from: '+1234567890', to: '600' } } },
    });
    expect(updated.when(updatePersonaProfile, { telefono: '600' }, byMaria)).to.deep.equal([]);
  });

  it('fails as not found for an account without a person', () => {
    expect(given(persona).when(updatePersonaProfile, { telefono: '1' }, byMaria)).to.deep.equal({
      code: 'not-found',
    });
  });

  it('never changes the person of another account', () => {
    const other = { actor: { account: 'Maria', role: 'admin' } };
    expect(registered.when(updatePersonaProfile, { telefono: '1' }, other)).to.deep.equal({
      code: 'not-found',
    });
  });
});
