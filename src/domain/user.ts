import { EventFault } from '../events/eventErrors.ts';
import type { EventsOf, UserRecord } from '../events/types.ts';
import { aggregateOf, applyChanges, type UniqueValue } from './aggregate.ts';
import { normalDni } from '../validation/dni.ts';

/**
 * The user aggregate: its state is the record itself. A removed user stays removed; another user
 * may take the DNI.
 */
export const user = aggregateOf({ kind: 'user', view: 'users', evolve, uniqueValues });

function evolve(state: UserRecord | null, event: EventsOf['user']): UserRecord | null {
  switch (event.type) {
    case 'UserRegistered':
      if (state) throw new EventFault('the user is registered already');
      return event.data;
    case 'UserEdited':
      if (!state) throw new EventFault('the user is not registered');
      return applyChanges(state, event.data.changes);
    case 'UserRemoved':
      if (!state) throw new EventFault('the user is not registered');
      return null;
    default:
      return event satisfies never;
  }
}

function uniqueValues({ dni }: UserRecord): UniqueValue[] {
  return [userDni(dni)];
}

/** A user's DNI as a unique value. */
export const userDni = (dni: string): UniqueValue => ({
  space: 'user-dni',
  value: normalDni(dni),
  member: 'dni',
});
