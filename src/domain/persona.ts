import { EventFault } from '../events/eventErrors.ts';
import type { EventsOf, PersonaRecord } from '../events/types.ts';
import { aggregateOf, applyChanges, type UniqueValue } from './aggregate.ts';
import { normalDni } from '../validation/dni.ts';

/** The person aggregate: its state is the record itself. */
export const persona = aggregateOf({ kind: 'persona', view: 'personas', evolve, uniqueValues });

function evolve(state: PersonaRecord | null, event: EventsOf['persona']): PersonaRecord | null {
  switch (event.type) {
    case 'PersonaRegistered':
      if (state) throw new EventFault('the person is registered already');
      return event.data;
    case 'PersonaProfileUpdated':
      if (!state) throw new EventFault('the person is not registered');
      return applyChanges(state, event.data.changes);
    default:
      return event satisfies never;
  }
}

function uniqueValues({ dni, cuenta }: PersonaRecord): UniqueValue[] {
  const held: UniqueValue[] = [personaDni(dni)];
  if (cuenta !== null) held.push(personaCuenta(cuenta));
  return held;
}

/** A person's DNI as a unique value. */
export const personaDni = (dni: string): UniqueValue => ({
  space: 'persona-dni',
  value: normalDni(dni),
  member: 'dni',
});

/** The account linked to a person, as a unique value; compared exactly. */
export const personaCuenta = (cuenta: string): UniqueValue => ({
  space: 'persona-cuenta',
  value: cuenta,
  member: 'cuenta',
});
