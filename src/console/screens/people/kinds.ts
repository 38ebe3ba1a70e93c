import type { Member } from '../../parts/values.ts';

/** One of the two kinds of people, with its paths. */
export interface Kind {
  name: 'users' | 'personas';
  /** The path in the console. */
  path: string;
  list: string;
  /** The path of a single document in /openapi.json. */
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

/** A person or a user as the API answers them. */
export type Document = Record<string, Member>;

export const nameOf = ({ nombre, nombres, apellidos }: Document): string =>
  [apellidos, nombre ?? nombres].filter((part) => typeof part === 'string' && part !== '').join(', ');

/** A document's key in addresses: a user's DNI, a person's id. */
export const keyOf = ({ parameter }: Kind, document: Document): string => String(document[parameter]);

/** A document's subject in the history: user-15. */
export const subjectOf = ({ subject }: Kind, { id, IdUsuario }: Document): string =>
  `${subject}-${String(IdUsuario ?? id)}`;

export const personUrl = (kind: Kind, key: string): string => `${kind.path}/${encodeURIComponent(key)}`;

/** The key in a person's address, as typed if it is not encoded. The inverse of personUrl. */
export function keyIn(path: string): string {
  const part = path.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
