import { EventFault } from '../events/eventErrors.ts';
import type { DomainEvent, UserRecord } from '../events/types.ts';
import { applyChanges, type Aggregate, type UniqueValue } from './aggregate.ts';
import { normalDni } from '../validation/dni.ts';

/**
 * The user aggregate: its state is the record itself. A removed user stays removed; another user
 * may take the DNI.
 */
export const user: Aggregate<UserRecord> = { kind: 'user', view: 'users', evolve, uniqueValues };

function evolve(state: UserRecord | null, event: DomainEvent): UserRecord | null {
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
    case 'PersonaRegistered':
    case 'PersonaProfileUpdated':
      throw new EventFault(`${event.type} in the stream of a user`);
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
