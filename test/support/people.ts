import { randomUUID } from 'node:crypto';
import { registerPersona, type RegisterPersonaBody } from '../../src/commands/registerPersona.ts';
import { registerUser, type RegisterUserBody } from '../../src/commands/registerUser.ts';
import type { EditUserBody } from '../../src/commands/editUser.ts';
import type { Request } from '../../src/commands/command.ts';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import type { Service } from '../../src/service/serviceOptions.ts';

/** A ready bcrypt hash, because computing one takes 250 ms. */
export const HASH = '$2b$12$0LFRnZ3tGYTlUlRFdKnRCeUVuzXy8ZN1Q4Bb.9ZhP4qjRg3tIu0ZK';

let made = 0;

/** A DNI that no other test has. */
export function newDni(): string {
  made += 1;
  return `${String(40_000_000 + made)}X`;
}

export const personaBody = (changes: Partial<RegisterPersonaBody> = {}): RegisterPersonaBody => ({
  nombres: 'María',
  apellidos: 'González',
  telefono: '+1234567890',
  dni: newDni(),
  foto_url: null,
  cuenta: `cuenta-${randomUUID()}`,
  ...changes,
});

/** The user of the documented example, as the body of an edit. */
export const SOCIA = {
  dni: '45678912C',
  nombre: 'María',
  apellidos: 'Rodríguez García',
  direccion: 'Calle Luna 12',
  CP: '46001',
  provincia: 'Valencia',
  poblacion: 'Valencia',
  pais: 'España',
  email: 'maria@example.com',
  telefono: '611222333',
  fechaalta: '2024-03-15',
  fechabaja: null,
  formadepago: 'Transferencia',
  cuota: 25,
  categoria: 'socio',
  socio: 'Socio',
} satisfies EditUserBody;

/** The same user as a record. */
export const SOCIA_RECORD: UserRecord = {
  ...SOCIA,
  IdUsuario: 15,
  password: HASH,
  isVerified: true,
  verificationCode: null,
  verificationExpires: null,
};

export const editBody = (changes: Partial<EditUserBody> = {}): EditUserBody => ({
  ...SOCIA,
  dni: newDni(),
  ...changes,
});

export const userBody = (changes: Partial<RegisterUserBody> = {}): RegisterUserBody => ({
  ...editBody(),
  password: 'correct horse battery',
  ...changes,
});

/** Registers a person without HTTP. */
export async function aPersona(
  { commands }: Pick<Service, 'commands'>,
  changes: Partial<RegisterPersonaBody> = {},
): Promise<PersonaRecord & { cuenta: string }> {
  const outcome = await commands.handle(registerPersona, personaBody(changes), byAdmin());
  if (outcome.outcome !== 'done' || !outcome.state) throw new Error(JSON.stringify(outcome));
  return outcome.state as PersonaRecord & { cuenta: string };
}

/** Registers a user without HTTP, with a ready hash. */
export async function aUser(
  { commands }: Pick<Service, 'commands'>,
  changes: Partial<RegisterUserBody> = {},
): Promise<UserRecord> {
  const body = { ...userBody(changes), password: HASH };
  const outcome = await commands.handle(registerUser, body, byAdmin());
  if (outcome.outcome !== 'done' || !outcome.state) throw new Error(JSON.stringify(outcome));
  return outcome.state;
}

export function byAdmin(): Request {
  const requestId = randomUUID();
  const actor = { account: 'admin', role: 'admin' };
  return { actor, requestId, correlationId: requestId, ifMatch: null, key: null };
}

/** The body of an edit of this user that changes nothing except for `changes`. */
export function editOf(user: UserRecord, changes: Partial<EditUserBody> = {}): EditUserBody {
  const {
    IdUsuario: _id,
    password: _password,
    isVerified: _verified,
    verificationCode: _code,
    verificationExpires: _expires,
    ...editable
  } = user;
  return { ...editable, ...changes };
}
