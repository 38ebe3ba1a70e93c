import { expect } from 'chai';
import fc from 'fast-check';
import type { Aggregate } from '../../src/domain/aggregate.ts';
import type { Command } from '../../src/commands/command.ts';
import { editUser, type EditUserBody } from '../../src/commands/editUser.ts';
import { persona } from '../../src/domain/persona.ts';
import {
  updatePersonaProfile,
  type UpdatePersonaProfileBody,
} from '../../src/commands/updatePersonaProfile.ts';
import { user } from '../../src/domain/user.ts';
import {
  ADMIN,
  maria,
  NOW,
  personaRegistered,
  socia,
  stateAfter,
  userRegistered,
} from '../support/decisions.ts';

/** The state after a command, which has to be accepted. */
function after<State, Payload>(
  { evolve }: Aggregate<State>,
  { decide }: Command<Payload, State>,
  state: State | null,
  payload: Payload,
  account: string,
): { state: State | null; events: number } {
  const events = decide(payload, state, { actor: { ...ADMIN, account }, id: 1, now: NOW });
  if (!Array.isArray(events)) throw new Error(events.code);
  return { state: events.reduce(evolve, state), events: events.length };
}

const word = fc.constantFrom('', 'Ana', 'María José', '600 123 123', 'Ñandú', 'e\u0301', '\u00e9');

const profile: fc.Arbitrary<UpdatePersonaProfileBody> = fc.record(
  { nombres: word, apellidos: word, telefono: fc.option(word), dni: word, foto_url: fc.option(word) },
  { requiredKeys: [] },
);

const edit: fc.Arbitrary<EditUserBody> = fc.record(
  {
    dni: fc.constantFrom('45678912C', '45678912-c', ' 45.678.912 C'),
    nombre: word,
    apellidos: word,
    direccion: word,
    CP: word,
    provincia: word,
    poblacion: word,
    pais: word,
    email: word,
    telefono: word,
    fechaalta: fc.constantFrom('2020-01-01', '2024-02-29'),
    fechabaja: fc.constantFrom(null, '2024-02-29', '2026-01-01'),
    formadepago: word,
    cuota: fc.constantFrom(0, -0, 25, 30.5),
    categoria: word,
    socio: fc.constantFrom<EditUserBody['socio'][]>('Socio', 'NoSocio', 0, 1),
  },
  {
    requiredKeys: [
      ...([
        'dni',
        'nombre',
        'apellidos',
        'direccion',
        'CP',
        'provincia',
        'poblacion',
        'pais',
        'email',
      ] as const),
      ...(['telefono', 'fechaalta', 'formadepago', 'cuota', 'categoria', 'socio'] as const),
    ],
  },
);

describe('A command that is repeated', () => {
  it('changes nothing the second time: UpdatePersonaProfile', () => {
    fc.assert(
      fc.property(fc.array(profile), profile, (earlier, body) => {
        const registered = stateAfter(persona, [personaRegistered()]);
        const before = earlier.reduce(
          (state, one) => after(persona, updatePersonaProfile, state, one, maria.cuenta ?? '').state,
          registered,
        );
        const once = after(persona, updatePersonaProfile, before, body, 'maria').state;
        expect(after(persona, updatePersonaProfile, once, body, 'maria')).to.deep.equal({
          state: once,
          events: 0,
        });
      }),
    );
  });

  it('changes nothing the second time: EditUser', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 5 }), edit, (earlier, body) => {
        const registered = stateAfter(user, [userRegistered({ fechaalta: '2020-01-01' })]);
        const inOrder = (one: EditUserBody): EditUserBody => ({ ...one, fechabaja: one.fechabaja ?? null });
        const before = earlier.reduce(
          (state, one) => after(user, editUser, state, inOrder(one), 'ana').state,
          registered,
        );
        const once = after(user, editUser, before, inOrder(body), 'ana').state;
        expect(after(user, editUser, once, body, 'ana')).to.deep.equal({ state: once, events: 0 });
        expect(once).to.include({ dni: socia.dni, password: socia.password });
      }),
    );
  });
});
