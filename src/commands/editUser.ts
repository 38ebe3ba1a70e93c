import type { Socio, UserFields, UserRecord } from '../events/types.ts';
import { changesBetween } from '../domain/aggregate.ts';
import type { Command } from './command.ts';
import { normalDni } from '../validation/dni.ts';
import { editableMembers, givenSchemas, USER_MEMBERS } from '../domain/members.ts';
import { dni } from '../validation/fields.ts';
import type { JsonSchema } from '../validation/schema.ts';
import { user, userDni } from '../domain/user.ts';
import { datesInOrder, mayChangeRole, mayRepeatOnUser, socioWord } from './userRules.ts';

export interface EditUserBody extends Omit<UserFields, 'socio' | 'fechabaja'> {
  /** Finds the user; the stored spelling is kept. */
  dni: string;
  fechabaja?: string | null;
  socio: Socio | 0 | 1;
}

const editable = editableMembers(USER_MEMBERS);

/** The editable members of a user as requests give them. */
export const userFields = givenSchemas(USER_MEMBERS, editable);
/** Those that a request must give. */
export const requiredUserFields = editable.filter((member) => !('fallback' in USER_MEMBERS[member]));

export const editUserSchema: JsonSchema = {
  type: 'object',
  properties: { dni, ...userFields },
  required: ['dni', ...requiredUserFields],
  additionalProperties: false,
};

/** Replaces the members of the user with this DNI; a missing fechabaja is kept. */
export const editUser: Command<EditUserBody, UserRecord> = {
  name: 'EditUser',
  aggregate: user,
  subject: { begins: false, find: ({ dni }) => userDni(dni) },
  mayRepeat: mayRepeatOnUser,
  decide(body, state, { actor }) {
    if (!state || normalDni(state.dni) !== normalDni(body.dni)) return { code: 'not-found' };
    const fechabaja = body.fechabaja === undefined ? state.fechabaja : body.fechabaja;
    const faults = datesInOrder(body.fechaalta, fechabaja);
    if (faults.length > 0) return { code: 'invalid', faults };
    if (!mayChangeRole(actor, state.categoria, body.categoria)) return { code: 'forbidden' };
    // The stored spelling is kept.
    const { dni } = state;
    const wanted = { ...body, dni, fechabaja, cuota: body.cuota + 0, socio: socioWord(body.socio) };
    const changes = changesBetween<UserFields>(state, wanted);
    return changes ? [{ type: 'UserEdited', data: { changes } }] : [];
  },
};
