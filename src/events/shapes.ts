import { UnreadableData } from './codec.ts';
import { EventFault } from './eventErrors.ts';
import type { HistoryEvent, PersonaFields, PersonaRecord, UserFields, UserRecord } from './types.ts';

type Check = (value: unknown) => boolean;
type Shape<Fields> = Record<keyof Fields, Check>;

const text: Check = (value) => typeof value === 'string';
const textOrNull: Check = (value) => value === null || typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const number: Check = (value) => Number.isFinite(value);
const id: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const socio: Check = (value) => value === 'Socio' || value === 'NoSocio';

const PERSONA_FIELDS: Shape<PersonaFields> = {
  nombres: text,
  apellidos: text,
  telefono: textOrNull,
  dni: text,
  foto_url: textOrNull,
};

const PERSONA: Shape<PersonaRecord> = { ...PERSONA_FIELDS, id, cuenta: textOrNull, created_at: text };

const USER_FIELDS: Shape<UserFields> = {
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

const USER: Shape<UserRecord> = {
  ...USER_FIELDS,
  IdUsuario: id,
  password: text,
  dni: text,
  isVerified: flag,
  verificationCode: textOrNull,
  verificationExpires: textOrNull,
};

/**
 * Throws EventFault, naming the member, for data that lacks the current shape of its event type.
 */
export function expectShape(type: HistoryEvent['type'], data: unknown): void {
  if (data instanceof UnreadableData) throw new EventFault('its data is not a JSON object');
  switch (type) {
    case 'PersonaRegistered':
      expectRecord(data, PERSONA);
      return;
    case 'UserRegistered':
      expectRecord(data, USER);
      return;
    case 'PersonaProfileUpdated':
      expectChanges(data, PERSONA_FIELDS);
      return;
    case 'UserEdited':
      expectChanges(data, USER_FIELDS);
      return;
    case 'UserRemoved':
      expectRecord(data, {});
      return;
    case 'SubjectErased':
      expectRecord(data, { erasure: text, key: text, reason: text });
      return;
    default:
      return type satisfies never;
  }
}

function expectRecord(data: unknown, shape: Record<string, Check>): void {
  expectObject('its data', data);
  for (const member in shape) {
    if (!Object.hasOwn(data, member)) throw new EventFault(`${member} is missing`);
    if (!shape[member]?.(data[member])) throw new EventFault(`${member} has a value of the wrong type`);
  }
  expectKnown(data, shape);
}

function expectChanges(data: unknown, fields: Record<string, Check>): void {
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
