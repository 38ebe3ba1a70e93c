import { randomBytes } from 'node:crypto';
import { createImporter, type ImportRecord } from './commands/importing.ts';
import { hashPassword } from './http/passwords.ts';

/** The account of the demo person. */
export const DEMO_ACCOUNT = 'maria';

/**
 * Registers the people of the two documented examples, person 5 and user 15, as they are before the example requests
 * change them. The user's password is random: there is nothing to log in to.
 */
export async function registerDemoPeople(dependencies: Parameters<typeof createImporter>[0]): Promise<void> {
  const importer = createImporter(dependencies);
  const password = await hashPassword(randomBytes(24).toString('base64url'));
  const people: ImportRecord[] = [
    {
      kind: 'persona',
      record: {
        id: 5,
        nombres: 'María',
        apellidos: 'González',
        telefono: '+1234567890',
        dni: '12345678',
        foto_url: null,
        cuenta: DEMO_ACCOUNT,
        created_at: '2024-03-01T08:00:00.000Z',
      },
    },
    {
      kind: 'user',
      record: {
        IdUsuario: 15,
        nombre: 'María',
        apellidos: 'Rodríguez García',
        password,
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
      },
    },
  ];
  for (const one of people) {
    await importer.reserveIds(one.kind, one.kind === 'persona' ? one.record.id : one.record.IdUsuario);
    await importer.importRecord(one);
  }
}
