import { expect } from 'chai';
import { persona } from '../../src/domain/persona.ts';
import { maria, personaRegistered, stateAfter, userRemoved } from '../support/decisions.ts';

const updated = {
  type: 'PersonaProfileUpdated' as const,
  data: { changes: { telefono: { from: '+1234567890', to: null }, nombres: { from: 'María', to: 'Ana' } } },
};

describe('The person aggregate', () => {
  it('is the registered record', () => {
    expect(stateAfter(persona, [personaRegistered()])).to.deep.equal(maria);
  });

  it('applies the changed members and keeps the others', () => {
    const state = stateAfter(persona, [personaRegistered(), updated]);
    expect(state).to.deep.equal({ ...maria, telefono: null, nombres: 'Ana' });
  });

  it('does not modify the state before an event', () => {
    const before = stateAfter(persona, [personaRegistered()]);
    persona.evolve(before, updated);
    expect(before).to.deep.equal(maria);
  });

  it('holds its DNI in normal form and its account exactly', () => {
    expect(persona.uniqueValues({ ...maria, dni: ' 12.345.678-x ', cuenta: 'María ' })).to.deep.equal([
      { space: 'persona-dni', value: '12345678X', member: 'dni' },
      { space: 'persona-cuenta', value: 'María ', member: 'cuenta' },
    ]);
  });

  it('holds no account if it was imported without one', () => {
    expect(persona.uniqueValues({ ...maria, cuenta: null }).map(({ space }) => space)).to.deep.equal([
      'persona-dni',
    ]);
  });

  it('rejects events that are impossible in its state', () => {
    expect(() => stateAfter(persona, [updated])).to.throw('not registered');
    expect(() => stateAfter(persona, [personaRegistered(), personaRegistered()])).to.throw('already');
    expect(() => stateAfter(persona, [userRemoved])).to.throw('stream of a person');
  });
});
