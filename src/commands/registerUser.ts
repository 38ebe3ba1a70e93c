import type { Socio, UserFields, UserRecord } from '../events/types.ts';
import type { Command } from './command.ts';
import { dni } from '../validation/fields.ts';
import { requiredUserFields, userFields } from './editUser.ts';
import type { JsonSchema } from '../validation/schema.ts';
import { user } from '../domain/user.ts';
import { datesInOrder, mayChangeRole, mayRepeatOnUser, socioWord } from './userRules.ts';

/** bcrypt ignores everything after 72 bytes. */
const MAX_PASSWORD_BYTES = 72;
const MIN_PASSWORD_BYTES = 8;

export interface RegisterUserBody extends Omit<UserFields, 'socio' | 'fechabaja'> {
  dni: string;
  fechabaja?: string | null;
  socio: Socio | 0 | 1;
  /** Clear text in the request; a bcrypt hash when the event is stored. */
  password: string;
}

export const registerUserSchema: JsonSchema = {
  type: 'object',
  properties: {
    dni,
    ...userFields,
    password: {
      type: 'string',
      'x-minBytes': MIN_PASSWORD_BYTES,
      'x-maxBytes': MAX_PASSWORD_BYTES,
      format: 'plain-text',
      'x-exact': true,
      description: 'Clear text of 8 to 72 bytes in UTF-8; stored as a bcrypt hash.',
    },
  },
  required: ['dni', ...requiredUserFields, 'password'],
  additionalProperties: false,
};

/** Registers a user as verified: the actor vouches for the e-mail. */
export const registerUser: Command<RegisterUserBody, UserRecord> = {
  name: 'RegisterUser',
  aggregate: user,
  subject: { begins: true },
  mayRepeat: mayRepeatOnUser,
  decide({ fechabaja = null, cuota, ...body }, state, { id, actor }) {
    if (state) return { code: 'id-taken' };
    const faults = datesInOrder(body.fechaalta, fechabaja);
    if (faults.length > 0) return { code: 'invalid', faults };
    if (!mayChangeRole(actor, null, body.categoria)) return { code: 'forbidden' };
    const data: UserRecord = {
      ...body,
      fechabaja,
      IdUsuario: id,
      // Turns -0 into 0, as JSON would.
      cuota: cuota + 0,
      socio: socioWord(body.socio),
      isVerified: true,
      verificationCode: null,
      verificationExpires: null,
    };
    return [{ type: 'UserRegistered', data }];
  },
};
