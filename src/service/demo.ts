import { randomBytes } from 'node:crypto';
import { createImporter } from '../commands/handling/importer.ts';
import type { EventStore } from '../events/eventStore.ts';
import { subjectStream } from '../events/streams.ts';
import type { PersonaRecord, UserRecord } from '../events/types.ts';
import { hashPassword } from '../http/access/passwords.ts';

/** The account of the demo person. */
export const DEMO_ACCOUNT = 'maria';

const PERSONA: PersonaRecord = {
  id: 5,
  nombres: 'María',
  apellidos: 'González',
  telefono: '+1234567890',
  dni: '12345678',
  foto_url: null,
  cuenta: DEMO_ACCOUNT,
  created_at: '2024-03-01T08:00:00.000Z',
};

const USER: Omit<UserRecord, 'password'> = {
  IdUsuario: 15,
  nombre: 'María',
  apellidos: 'Rodríguez García',
  dni: '45678912C',
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
  isVerified: true,
  verificationCode: null,
  verificationExpires: null,
};

/**
 * Registers the people of the two documented examples, person 5 and user 15, as they are before the
 * example requests. The user's password is random, because there is no log-in.
 */
export async function registerDemoPeople(dependencies: Parameters<typeof createImporter>[0]): Promise<void> {
  const importer = createImporter(dependencies);
  const password = await hashPassword(randomBytes(24).toString('base64url'));
  await importer.reserveIds('persona', PERSONA.id);
  await importer.importRecord({ kind: 'persona', record: PERSONA });
  await importer.reserveIds('user', USER.IdUsuario);
  await importer.importRecord({ kind: 'user', record: { ...USER, password } });
}

/** Whether both were registered in this log: a real roll has other people under these ids. */
export async function areDemoPeopleThere(store: Pick<EventStore, 'readStream'>): Promise<boolean> {
  const first = async (stream: string): Promise<object> =>
    (await store.readStream(stream, { limit: 1 }))[0]?.data ?? {};
  const persona = (await first(subjectStream('persona', PERSONA.id))) as Partial<PersonaRecord>;
  const user = (await first(subjectStream('user', USER.IdUsuario))) as Partial<UserRecord>;
  return persona.cuenta === PERSONA.cuenta && persona.dni === PERSONA.dni && user.dni === USER.dni;
}
