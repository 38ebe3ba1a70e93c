import type { Member } from '../../parts/values.ts';

/** The two kinds of people, and where the API has them. */
export interface Kind {
  name: 'users' | 'personas';
  /** In the console. */
  path: string;
  list: string;
  /** A single document, as /openapi.json names its path. */
  one: string;
  parameter: 'dni' | 'id';
  /** The prefix of subjects: user-15. */
  subject: 'user' | 'persona';
}

export const KINDS: Record<Kind['name'], Kind> = {
  users: {
    name: 'users',
    path: '/console/users',
    list: '/users',
    one: '/users/{dni}',
    parameter: 'dni',
    subject: 'user',
  },
  personas: {
    name: 'personas',
    path: '/console/personas',
    list: '/api/personas',
    one: '/api/personas/{id}',
    parameter: 'id',
    subject: 'persona',
  },
};

export const kindAt = (path: string): Kind =>
  path.startsWith(KINDS.personas.path) ? KINDS.personas : KINDS.users;

/** A person or a user as the API shows them. */
export type Document = Record<string, Member>;

export const nameOf = ({ nombre, nombres, apellidos }: Document): string =>
  [apellidos, nombre ?? nombres].filter((part) => typeof part === 'string' && part !== '').join(', ');

/** What names a document in addresses: a user's DNI, a person's id. */
export const keyOf = ({ parameter }: Kind, document: Document): string => String(document[parameter]);

/** As the history names it: user-15. */
export const subjectOf = ({ subject }: Kind, { id, IdUsuario }: Document): string =>
  `${subject}-${String(IdUsuario ?? id)}`;

export const personUrl = (kind: Kind, key: string): string => `${kind.path}/${encodeURIComponent(key)}`;
