import { subjectStream } from '../events/streams.ts';
import type { UserFields, UserRecord } from '../events/types.ts';
import { user } from '../domain/user.ts';
import type { Command } from './command.ts';
import { editUser } from './editUser.ts';

/** The members to change, given the present state of the subject. Pure. */
export interface Correction<Fields, State> {
  id: number;
  /** Null: the subject is not the one that the caller found, so the correction is stale. */
  wanted(state: State): Partial<Fields> | null;
}

/** Edits some members of a user, under the rules of any edit; the others keep their present values. */
export const correctUser: Command<Correction<UserFields, UserRecord>, UserRecord> = {
  name: 'CorrectUser',
  aggregate: user,
  subject: { begins: false, stream: ({ id }) => subjectStream('user', id) },
  decide({ wanted }, state, context) {
    if (!state) return { code: 'not-found' };
    const corrected = wanted(state);
    if (!corrected) return { code: 'stale' };
    const {
      IdUsuario: _id,
      password: _password,
      isVerified: _verified,
      verificationCode: _code,
      verificationExpires: _expires,
      ...fields
    } = state;
    return editUser.decide({ ...fields, ...corrected }, state, context);
  },
};
