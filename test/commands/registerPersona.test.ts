import { expect } from 'chai';
import { persona } from '../../src/domain/persona.ts';
import { registerPersona } from '../../src/commands/registerPersona.ts';
import { given, NOW, personaRegistered } from '../support/decisions.ts';

const body = { nombres: 'María', apellidos: 'González', dni: '12345678', cuenta: 'maria' };

describe('RegisterPersona', () => {
  it('records every member, the given id and the current instant; omitted members are null', () => {
    expect(given(persona).when(registerPersona, body)).to.deep.equal([
      {
        type: 'PersonaRegistered',
        data: { id: 5, ...body, telefono: null, foto_url: null, created_at: NOW },
      },
    ]);
  });

  it('records phone and photo if given', () => {
    const given_ = { ...body, telefono: '600', foto_url: 'https://example.com/a.jpg' };
    const [event] = given(persona).when(registerPersona, given_) as { data: object }[];
    expect(event?.data).to.include({ telefono: '600', foto_url: 'https://example.com/a.jpg' });
  });

  it('does not overwrite another person', () => {
    const registered = given(persona, personaRegistered());
    expect(registered.when(registerPersona, body)).to.deep.equal({ code: 'id-taken' });
  });
});
