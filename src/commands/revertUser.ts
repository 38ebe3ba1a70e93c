import type { UserRecord } from '../events/types.ts';
import type { Command } from './command.ts';
import { normalDni } from '../validation/dni.ts';
import { editableMembers, pick, USER_MEMBERS } from '../domain/members.ts';
import { editUser } from './editUser.ts';
import { noSuchRevision } from './revert.ts';
import { user, userDni } from '../domain/user.ts';
import { mayRepeatOnUser } from './userRules.ts';

export interface RevertUser {
  dni: string;
  /** The user at the revision to restore, or null; immutable, so it can be read beforehand. */
  target: UserRecord | null;
}

/**
 * Edits the user with this DNI back to an earlier revision, under the rules of any edit. The DNI
 * and the password stay: no edit changes them, and an old password must not work again because of a
 * revert.
 */
export const revertUser: Command<RevertUser, UserRecord> = {
  name: 'RevertUser',
  aggregate: user,
  subject: { begins: false, find: ({ dni }) => userDni(dni) },
  mayRepeat: mayRepeatOnUser,
  decide({ dni, target }, state, context) {
    if (!state || normalDni(state.dni) !== normalDni(dni)) return { code: 'not-found' };
    if (target?.IdUsuario !== state.IdUsuario) return { code: 'invalid', faults: [noSuchRevision] };
    const fields = pick(target, editableMembers(USER_MEMBERS));
    return editUser.decide({ ...fields, dni: state.dni }, state, context);
  },
};
