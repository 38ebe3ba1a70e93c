import { subjectStream } from '../events/streams.ts';
import type { UserFields, UserRecord } from '../events/types.ts';
import { user } from '../domain/user.ts';
import type { Command } from './command.ts';
import { editUser } from './editUser.ts';

/** The members to change, given the present state of the user. Pure. */
export interface Correction<Fields, State> {
  id: number;
  wanted(state: State): Partial<Fields>;
}

/** Edits some members of a user, under the rules of any edit; the others keep their present values. */
export const correctUser: Command<Correction<UserFields, UserRecord>, UserRecord> = {
  name: 'CorrectUser',
  aggregate: user,
  subject: { begins: false, stream: ({ id }) => subjectStream('user', id) },
  decide({ wanted }, state, context) {
    if (!state) return { code: 'not-found' };
    const {
      IdUsuario: _id,
      password: _password,
      isVerified: _verified,
      verificationCode: _code,
      verificationExpires: _expires,
      ...fields
    } = state;
    return editUser.decide({ ...fields, ...wanted(state) }, state, context);
  },
};
