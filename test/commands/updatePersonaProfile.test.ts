import { expect } from 'chai';
import { persona } from '../../src/domain/persona.ts';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import { given, maria, personaRegistered } from '../support/decisions.ts';

const byMaria = { actor: { account: 'maria', role: 'asistente' } };
const registered = given(persona, personaRegistered());

describe('UpdatePersonaProfile', () => {
  it('holds the value before and after of each changed member, and no other', () => {
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

  it('gives no event for an empty request', () => {
    expect(registered.when(updatePersonaProfile, {}, byMaria)).to.deep.equal([]);
  });

  it('gives no event when every value is the present one', () => {
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

  it('stores another spelling of the own DNI: it is a change of the text', () => {
    expect(registered.when(updatePersonaProfile, { dni: '12.345.678' }, byMaria)).to.deep.equal([
      {
        type: 'PersonaProfileUpdated',
        data: { changes: { dni: { from: '12345678', to: '12.345.678' } } },
      },
    ]);
  });

  it('compares with the values after earlier updates', () => {
    const updated = given(persona, personaRegistered(), {
      type: 'PersonaProfileUpdated',
      data: { changes: { telefono: { from: '+1234567890', to: '600' } } },
    });
    expect(updated.when(updatePersonaProfile, { telefono: '600' }, byMaria)).to.deep.equal([]);
  });

  it('is not found for an account without a person', () => {
    expect(given(persona).when(updatePersonaProfile, { telefono: '1' }, byMaria)).to.deep.equal({
      code: 'not-found',
    });
  });

  it("does not touch another account's person", () => {
    const other = { actor: { account: 'Maria', role: 'admin' } };
    expect(registered.when(updatePersonaProfile, { telefono: '1' }, other)).to.deep.equal({
      code: 'not-found',
    });
  });
});
