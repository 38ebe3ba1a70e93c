import {
  cuenta,
  dni,
  email,
  httpUrl,
  nullableText,
  requiredText,
  requiredUserFields,
  userFields,
} from '../../validation/fields.ts';
import type { ImportRecord } from '../../commands/handling/importer.ts';
import { MAX_IMPORTED_ID } from '../../commands/claims/idSequence.ts';
import { bodyCheck, type Issue, type JsonSchema } from '../../validation/schema.ts';
import { bodyDatesInOrder, socioWord } from '../../commands/userRules.ts';
import type { PersonaRecord, UserRecord } from '../../events/types.ts';
import { describeIssue } from '../../presentation/issueTexts.ts';

/** The schemas of import lines, and how lines become records. */

export type ImportKind = 'users' | 'personas';

const id: JsonSchema = { type: 'integer', minimum: 1, maximum: MAX_IMPORTED_ID };
const instant: JsonSchema = { type: 'string', format: 'date-time' };

const userLine: JsonSchema = {
  type: 'object',
  properties: {
    IdUsuario: id,
    dni,
    ...userFields,
    email,
    password: { type: 'string', format: 'bcrypt-hash' },
    isVerified: { type: 'boolean' },
    verificationCode: nullableText,
    verificationExpires: nullableText,
  },
  required: ['IdUsuario', 'dni', 'password', ...requiredUserFields],
  additionalProperties: false,
};

const personaLine: JsonSchema = {
  type: 'object',
  properties: {
    id,
    nombres: requiredText,
    apellidos: requiredText,
    telefono: nullableText,
    dni,
    foto_url: httpUrl,
    cuenta: { ...cuenta, type: ['string', 'null'] },
    created_at: instant,
  },
  required: ['id', 'nombres', 'apellidos', 'dni', 'created_at'],
  additionalProperties: false,
};

type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;
type UserLine = Optional<UserRecord, 'fechabaja' | 'isVerified' | 'verificationCode' | 'verificationExpires'>;
type PersonaLine = Optional<PersonaRecord, 'telefono' | 'foto_url' | 'cuenta'>;

const checkUser = bodyCheck<UserLine>(userLine, bodyDatesInOrder);
const checkPersona = bodyCheck<PersonaLine>(personaLine, realInstant);

/** RFC 3339 has leap seconds (23:59:60), which a Date cannot represent. */
function realInstant({ created_at }: Partial<PersonaLine>): Issue[] {
  if (created_at === undefined || !Number.isNaN(Date.parse(created_at))) return [];
  return [{ path: '/created_at', member: 'created_at', rule: 'date-time' }];
}

/** The kind of a line with these members, null if it is neither. */
export function kindOf(members: readonly string[]): ImportKind | null {
  if (members.includes('IdUsuario')) return 'users';
  return members.includes('nombres') ? 'personas' : null;
}

/**
 * The record of a line, or all its issues. Members get a fixed order, because the event's id is
 * derived from them.
 */
export const recordOf = (kind: ImportKind, line: unknown): { record: ImportRecord } | { faults: Issue[] } =>
  kind === 'users' ? userOf(line) : personaOf(line);

function userOf(line: unknown): { record: ImportRecord } | { faults: Issue[] } {
  const checked = checkUser(line);
  if ('faults' in checked) return checked;
  const { body } = checked;
  const record: UserRecord = {
    IdUsuario: body.IdUsuario,
    nombre: body.nombre,
    apellidos: body.apellidos,
    password: body.password,
    dni: body.dni,
    direccion: body.direccion,
    CP: body.CP,
    provincia: body.provincia,
    poblacion: body.poblacion,
    pais: body.pais,
    email: body.email,
    telefono: body.telefono,
    fechaalta: body.fechaalta,
    fechabaja: body.fechabaja ?? null,
    formadepago: body.formadepago,
    cuota: body.cuota + 0,
    categoria: body.categoria,
    socio: socioWord(body.socio),
    isVerified: body.isVerified ?? true,
    verificationCode: body.verificationCode ?? null,
    verificationExpires: body.verificationExpires ?? null,
  };
  return { record: { kind: 'user', record } };
}

function personaOf(line: unknown): { record: ImportRecord } | { faults: Issue[] } {
  const checked = checkPersona(line);
  if ('faults' in checked) return checked;
  const { body } = checked;
  const record: PersonaRecord = {
    id: body.id,
    nombres: body.nombres,
    apellidos: body.apellidos,
    telefono: body.telefono ?? null,
    dni: body.dni,
    foto_url: body.foto_url ?? null,
    cuenta: body.cuenta ?? null,
    created_at: new Date(body.created_at).toISOString(),
  };
  return { record: { kind: 'persona', record } };
}

/**
 * Converts a CSV row, whose cells are texts, to the equivalent NDJSON line: numbers, booleans and
 * nulls by the schema. An empty cell is null if the member is nullable; an empty boolean is left
 * out, so that its default applies.
 */
export function fromCells(kind: ImportKind, cells: Record<string, string>): Record<string, unknown> {
  const members: [string, unknown][] = [];
  for (const [member, cell] of Object.entries(cells)) {
    const value = cellValue(CELL_TYPES[kind].get(member), cell.trim());
    if (value !== undefined) members.push([member, value]);
  }
  return Object.fromEntries(members);
}

interface CellType {
  isNullable: boolean;
  isBoolean: boolean;
  isNumber: boolean;
}

function cellTypesOf({ properties }: JsonSchema): Map<string, CellType> {
  const members = Object.entries(properties as Record<string, JsonSchema>);
  return new Map(members.map(([member, schema]) => [member, cellTypeOf(schema)]));
}

function cellTypeOf({ type, enum: allowed }: JsonSchema): CellType {
  const types = [type].flat();
  return {
    isNullable: types.includes('null'),
    isBoolean: types.includes('boolean'),
    isNumber: types.includes('number') || types.includes('integer') || Array.isArray(allowed),
  };
}

const CELL_TYPES = { users: cellTypesOf(userLine), personas: cellTypesOf(personaLine) };

/** Undefined for an empty cell without a value. Unknown columns are text. */
function cellValue(type: CellType | undefined, cell: string): unknown {
  if (!type) return cell;
  if (cell === '' && type.isNullable) return null;
  if (type.isBoolean) return cell === '' ? undefined : (BOOLEANS[cell.toLowerCase()] ?? cell);
  return type.isNumber && /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell;
}

const BOOLEANS: Partial<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

/** The issue of a cell: the API's text plus the form that CSV requires for its type. */
export function describeCellFault(fault: Issue): string {
  const form = fault.rule === 'type' ? CELL_FORMS[String(fault.wanted)] : undefined;
  return form === undefined ? describeIssue(fault) : `${describeIssue(fault)}: ${form}`;
}

const CELL_FORMS: Partial<Record<string, string>> = {
  number: 'use a decimal point, as in 12.5',
  boolean: 'true, false, 1 or 0',
};
