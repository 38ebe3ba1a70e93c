import { membersWhere, PERSONA_MEMBERS, USER_MEMBERS, type Member } from '../domain/members.ts';
import type { SubjectKind } from '../events/streams.ts';
import type { PersonaRecord, UserRecord } from '../events/types.ts';
import { presentPersona, presentUser } from '../presentation/presentRecords.ts';
import { personas } from '../projections/views/personas.ts';
import { users } from '../projections/views/users.ts';
import type { DocumentView } from '../projections/ports/view.ts';

/** A roll is of users or of persons. */
export type RollName = 'users' | 'personas';

/** One kind of roll, and the presentation of its entries. */
export interface RollKind<State extends object> {
  name: RollName;
  subject: SubjectKind;
  /** The fold of events to a state, and the text that `q` searches. */
  view: Pick<DocumentView<State>, 'name' | 'version' | 'lookups' | 'aggregate' | 'searchTextOf'>;
  /** The entry as answers show it: no credentials. Its members are `columns`, in their order. */
  present(state: State): object;
  columns: readonly string[];
  idColumn: string;
  dniOf(state: State): string;
  /** First name and surnames. */
  nameOf(state: State): string;
}

const isShown = ({ shown }: Member): boolean => shown === 'always';

export const userRoll: RollKind<UserRecord> = {
  name: 'users',
  subject: 'user',
  view: users,
  present: presentUser,
  columns: membersWhere(USER_MEMBERS, isShown),
  idColumn: 'IdUsuario',
  dniOf: ({ dni }) => dni,
  nameOf: ({ nombre, apellidos }) => fullName(nombre, apellidos),
};

export const personaRoll: RollKind<PersonaRecord> = {
  name: 'personas',
  subject: 'persona',
  view: personas,
  present: presentPersona,
  columns: membersWhere(PERSONA_MEMBERS, isShown),
  idColumn: 'id',
  dniOf: ({ dni }) => dni,
  nameOf: ({ nombres, apellidos }) => fullName(nombres, apellidos),
};

const fullName = (...parts: string[]): string => parts.filter(Boolean).join(' ');
