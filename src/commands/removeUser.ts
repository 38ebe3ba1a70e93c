import type { UserRecord } from '../events/types.ts';
import type { Command } from './command.ts';
import { normalDni } from '../validation/dni.ts';
import { dni } from '../validation/fields.ts';
import type { JsonSchema } from '../validation/schema.ts';
import { user, userDni } from '../domain/user.ts';
import { mayRepeatOnUser, mayManage } from './userRules.ts';

export interface RemoveUserBody {
  dni: string;
}

export const removeUserSchema: JsonSchema = {
  type: 'object',
  properties: { dni },
  required: ['dni'],
  additionalProperties: false,
};

/** Removes the user with this DNI. The history stays; the DNI becomes free. */
export const removeUser: Command<RemoveUserBody, UserRecord> = {
  name: 'RemoveUser',
  aggregate: user,
  subject: { begins: false, find: ({ dni }) => userDni(dni) },
  mayRepeat: mayRepeatOnUser,
  decide({ dni }, state, { actor }) {
    if (!state || normalDni(state.dni) !== normalDni(dni)) return { code: 'not-found' };
    if (!mayManage(actor, state.categoria)) return { code: 'forbidden' };
    return [{ type: 'UserRemoved', data: {} }];
  },
};
