import { EventFault } from './eventErrors.ts';
import type { PersonaFields, PersonaRecord, UserFields, UserRecord } from './types.ts';

export type Check = (value: unknown) => boolean;
type Shape<Fields> = Record<keyof Fields, Check>;

export const text: Check = (value) => typeof value === 'string';
const textOrNull: Check = (value) => value === null || typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
/** Not empty: bookkeeping has no other texts. */
export const isText: Check = (value) => typeof value === 'string' && value !== '';
export const isTextOrNull: Check = (value) => value === null || isText(value);
export const revision: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const number: Check = (value) => Number.isFinite(value);
export const id: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const socio: Check = (value) => value === 'Socio' || value === 'NoSocio';

export const PERSONA_FIELDS: Shape<PersonaFields> = {
  nombres: text,
  apellidos: text,
  telefono: textOrNull,
  dni: text,
  foto_url: textOrNull,
};

export const PERSONA: Shape<PersonaRecord> = { ...PERSONA_FIELDS, id, cuenta: textOrNull, created_at: text };

export const USER_FIELDS: Shape<UserFields> = {
  nombre: text,
  apellidos: text,
  direccion: text,
  CP: text,
  provincia: text,
  poblacion: text,
  pais: text,
  email: text,
  telefono: text,
  fechaalta: text,
  fechabaja: textOrNull,
  formadepago: text,
  cuota: number,
  categoria: text,
  socio,
};

export const USER: Shape<UserRecord> = {
  ...USER_FIELDS,
  IdUsuario: id,
  password: text,
  dni: text,
  isVerified: flag,
  verificationCode: textOrNull,
  verificationExpires: textOrNull,
};

/** Throws EventFault for data that is not a record of this shape. */
export function expectRecord(data: unknown, shape: Record<string, Check>): void {
  expectObject('its data', data);
  for (const member in shape) {
    if (!Object.hasOwn(data, member)) throw new EventFault(`${member} is missing`);
    if (!shape[member]?.(data[member])) throw new EventFault(`${member} has a value of the wrong type`);
  }
  expectKnown(data, shape);
}

/** Throws EventFault for data that is not changes of these members. */
export function expectChanges(data: unknown, fields: Record<string, Check>): void {
  expectObject('its data', data);
  const { changes } = data;
  expectObject('changes', changes);
  for (const member of Object.keys(changes)) {
    const isRight = Object.hasOwn(fields, member) ? fields[member] : undefined;
    // An unknown member's name is data too.
    if (!isRight) throw new EventFault('changes names an unknown member');
    const change = changes[member];
    expectObject(`the change of ${member}`, change);
    if (!isRight(change['from']) || !isRight(change['to'])) {
      throw new EventFault(`the change of ${member} has a value of the wrong type`);
    }
    expectKnown(change, CHANGE);
  }
  expectKnown(data, CHANGES);
}

const CHANGE = { from: true, to: true };
const CHANGES = { changes: true };

function expectObject(what: string, value: unknown): asserts value is Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new EventFault(`${what} is not an object`);
}

function expectKnown(value: object, known: object): void {
  for (const member of Object.keys(value)) {
    if (!Object.hasOwn(known, member)) throw new EventFault('it has an unknown member');
  }
}

/** Entries on rolls: EntryOnRoll. */
export function areEntries(value: unknown): boolean {
  const isEntry = ({ fixed, hash }: Record<string, unknown>): boolean =>
    Number.isInteger(fixed) && isText(hash);
  return Array.isArray(value) && value.every((one) => isEntry((one ?? {}) as Record<string, unknown>));
}

/** An Actor. */
export function isActor(value: unknown): boolean {
  const { account, role } = (value ?? {}) as Record<string, unknown>;
  return isText(account) && isText(role);
}
