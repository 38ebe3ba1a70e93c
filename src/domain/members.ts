import type { PersonaFields, PersonaRecord, UserFields, UserRecord } from '../events/types.ts';
import {
  bcryptHash,
  boolean,
  cuenta,
  date,
  dni,
  email,
  fee,
  flag,
  httpUrl,
  instant,
  nullableDate,
  nullableText,
  plainNullableText,
  plainText,
  recordId,
  requiredText,
  socio,
  socioWords,
  text,
} from '../validation/fields.ts';
import type { JsonSchema } from '../validation/schema.ts';

/**
 * One member of a record. Requests, import lines, answers, reverts, log redaction, histories, audit
 * filters and the version of the view all derive from these rows. A new member gets a row here; the
 * compiler then demands it in events/types.ts and events/shapes.ts.
 */
export interface Member {
  /** Values in import lines, and in requests if the member is editable. */
  given: JsonSchema;
  /** Values in answers. */
  answered: JsonSchema;
  /** Whether an update or an edit may change it, and a revert restore it. */
  editable: boolean;
  /** The value for an import line that leaves the member out; without it, the line must have one. */
  fallback?: boolean | null;
  /** The answers that show it: all, only those to writes, or none. */
  shown: 'always' | 'to writers' | 'never';
  /** Whether log lines show `***` for its value. */
  redacted: boolean;
  /** Whether histories show `***` for its values. */
  secret: boolean;
  /** The first version of the view that has it. A new member needs a new version, which rebuilds the view. */
  since: number;
}

/** A row for each member of a record, in the order of answers; `editable` agrees with the events. */
type Members<Whole, Fields> = {
  readonly [Name in keyof Whole]-?: Member & { editable: Name extends keyof Fields ? true : false };
};

const OPEN = { shown: 'always', redacted: false, secret: false, since: 2 } as const;
const PERSONAL = { ...OPEN, redacted: true } as const;
const CREDENTIAL = { shown: 'to writers', secret: true, redacted: true, since: 2 } as const;

export const PERSONA_MEMBERS = {
  id: { ...OPEN, editable: false, given: recordId, answered: { ...recordId, examples: [5] } },
  nombres: { ...PERSONAL, editable: true, given: requiredText, answered: plainText },
  apellidos: { ...PERSONAL, editable: true, given: requiredText, answered: plainText },
  telefono: { ...PERSONAL, editable: true, given: nullableText, fallback: null, answered: plainNullableText },
  dni: { ...PERSONAL, editable: true, given: dni, answered: plainText },
  foto_url: { ...PERSONAL, editable: true, given: httpUrl, fallback: null, answered: plainNullableText },
  cuenta: {
    ...PERSONAL,
    editable: false,
    shown: 'never',
    given: { ...cuenta, type: ['string', 'null'] },
    fallback: null,
    answered: plainNullableText,
  },
  created_at: { ...OPEN, editable: false, given: instant, answered: instant },
} as const satisfies Members<PersonaRecord, PersonaFields>;

export const USER_MEMBERS = {
  IdUsuario: { ...OPEN, editable: false, given: recordId, answered: recordId },
  nombre: { ...PERSONAL, editable: true, given: requiredText, answered: plainText },
  apellidos: { ...PERSONAL, editable: true, given: text, answered: plainText },
  password: {
    ...CREDENTIAL,
    editable: false,
    given: bcryptHash,
    answered: {
      type: 'string',
      description: 'The stored bcrypt hash, or `!`, which no password matches.',
      examples: ['!'],
    },
  },
  dni: { ...PERSONAL, editable: false, given: dni, answered: plainText },
  direccion: { ...PERSONAL, editable: true, given: text, answered: plainText },
  CP: { ...OPEN, editable: true, given: text, answered: plainText },
  provincia: { ...OPEN, editable: true, given: text, answered: plainText },
  poblacion: { ...OPEN, editable: true, given: text, answered: plainText },
  pais: { ...OPEN, editable: true, given: text, answered: plainText },
  email: { ...PERSONAL, editable: true, given: email, answered: plainText },
  telefono: { ...PERSONAL, editable: true, given: text, answered: plainText },
  fechaalta: { ...OPEN, editable: true, given: date, answered: date },
  fechabaja: { ...OPEN, editable: true, given: nullableDate, fallback: null, answered: nullableDate },
  formadepago: { ...OPEN, editable: true, given: text, answered: plainText },
  cuota: { ...OPEN, editable: true, given: fee, answered: fee },
  categoria: { ...OPEN, editable: true, given: requiredText, answered: plainText },
  socio: { ...OPEN, editable: true, given: socio, answered: socioWords },
  isVerified: { ...OPEN, editable: false, given: flag, fallback: true, answered: boolean },
  verificationCode: {
    ...CREDENTIAL,
    editable: false,
    given: nullableText,
    fallback: null,
    answered: plainNullableText,
  },
  verificationExpires: {
    ...OPEN,
    editable: false,
    shown: 'to writers',
    given: nullableText,
    fallback: null,
    answered: plainNullableText,
  },
} as const satisfies Members<UserRecord, UserFields>;

type Rows = Readonly<Record<string, Member>>;

/** The members that satisfy `is`, in the order of the rows. */
export const membersWhere = <Table extends Rows>(
  table: Table,
  is: (member: Member) => boolean = () => true,
): (keyof Table & string)[] =>
  Object.entries(table)
    .filter(([, member]) => is(member))
    .map(([name]) => name);

type Editable<Table extends Rows> = {
  [Name in keyof Table]: Table[Name]['editable'] extends true ? Name : never;
}[keyof Table] &
  string;

/** The members that such answers show. */
export type ShownTo<Table extends Rows, Shown extends Member['shown']> = {
  [Name in keyof Table]: Table[Name]['shown'] extends Shown ? Name : never;
}[keyof Table] &
  string;

/** The members that an update or an edit may change. */
export const editableMembers = <Table extends Rows>(table: Table): Editable<Table>[] =>
  membersWhere(table, ({ editable }) => editable) as string[] as Editable<Table>[];

/** The schemas of these members in requests and import lines. */
export const givenSchemas = (table: Rows, names: readonly string[]): Record<string, JsonSchema> =>
  Object.fromEntries(names.flatMap((name) => (table[name] ? [[name, table[name].given]] : [])));

/** The schemas of these members in answers. */
export const answeredSchemas = (table: Rows, names: readonly string[]): Record<string, JsonSchema> =>
  Object.fromEntries(names.flatMap((name) => (table[name] ? [[name, table[name].answered]] : [])));

/** A record with these members of another one, in this order. */
export function pick<Whole extends object, Name extends keyof Whole>(
  whole: Whole,
  names: readonly Name[],
): Pick<Whole, Name> {
  const picked = {} as Pick<Whole, Name>;
  for (const name of names) picked[name] = whole[name];
  return picked;
}

/** The record of an import line: members in the order of the rows, fallbacks for missing ones. */
export function completed<Whole extends object>(table: Rows, given: Partial<Whole>): Whole {
  const whole: Record<string, unknown> = {};
  for (const [name, { fallback }] of Object.entries(table)) {
    const value = (given as Record<string, unknown>)[name];
    whole[name] = value === undefined ? fallback : value;
  }
  return whole as Whole;
}

/** The version of a view whose documents are the records of this table. */
export const viewVersionOf = (table: Rows): number =>
  Math.max(...Object.values(table).map(({ since }) => since));

const TABLES: readonly Rows[] = [PERSONA_MEMBERS, USER_MEMBERS];

/** Names of members of any record that satisfy `is`. */
export const memberNamesWhere = (is: (member: Member) => boolean): ReadonlySet<string> =>
  new Set(TABLES.flatMap((table) => membersWhere(table, is)));
