import { normalDni } from '../../validation/dni.ts';
import { user } from '../../domain/user.ts';
import { USER_MEMBERS, viewVersionOf } from '../../domain/members.ts';
import type { UserRecord } from '../../events/types.ts';
import { SEARCH_TEXT_SINCE, searchText } from './search.ts';
import type { DocumentView } from '../ports/view.ts';

/** The users, by IdUsuario. */
export const users: DocumentView<UserRecord> = {
  name: 'users',
  version: Math.max(viewVersionOf(USER_MEMBERS), SEARCH_TEXT_SINCE),
  aggregate: user,
  lookups: ['dni'],
  searchTextOf: ({ nombre, apellidos, dni, email }) =>
    searchText(nombre, apellidos, dni, normalDni(dni), email),
};
