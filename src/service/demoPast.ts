import type { EditUserBody } from '../commands/editUser.ts';
import type { UpdatePersonaProfileBody } from '../commands/updatePersonaProfile.ts';
import type { Actor, PersonaRecord, UserRecord } from '../events/types.ts';

/** The account of the demo person. */
export const DEMO_ACCOUNT = 'maria';

/** When the demo people were registered, in days before the first start. */
export const REGISTERED_DAYS_AGO = 240;

/** The demo person as registered. */
export const PERSONA: PersonaRecord = {
  id: 5,
  nombres: 'Maria',
  apellidos: 'González',
  telefono: '600700800',
  dni: '12345678',
  foto_url: null,
  cuenta: DEMO_ACCOUNT,
  created_at: '2024-03-01T08:00:00.000Z',
};

const REGISTERED = {
  nombre: 'María',
  apellidos: 'Rodríguez García',
  dni: '45678912C',
  direccion: 'Calle Sol 3',
  CP: '46001',
  provincia: 'Valencia',
  poblacion: 'Valencia',
  pais: 'España',
  email: 'maria@example.com',
  telefono: '600123123',
  fechaalta: '2024-03-15',
  fechabaja: null,
  formadepago: 'Efectivo',
  cuota: 20,
  categoria: 'socio',
  socio: 'Socio',
} satisfies EditUserBody;

/** The demo user as registered. */
export const USER: Omit<UserRecord, 'password'> = {
  ...REGISTERED,
  IdUsuario: 15,
  isVerified: true,
  verificationCode: null,
  verificationExpires: null,
};

/** An edit in the past of a demo person: when, by whom, and the body of the command. */
export type DemoEdit = {
  when: { daysAgo: number } | 'this month';
  by: Actor;
  reason?: string;
} & ({ persona: UpdatePersonaProfileBody } | { user: EditUserBody });

const MARIA: Actor = { account: DEMO_ACCOUNT, role: 'asistente' };
const SECRETARY: Actor = { account: 'secretaria', role: 'monitor' };
const TREASURER: Actor = { account: 'tesoreria', role: 'monitor' };
const PRESIDENT: Actor = { account: 'presidencia', role: 'admin' };

const moved: EditUserBody = { ...REGISTERED, direccion: 'Calle Luna 12', telefono: '611222333' };
const raised: EditUserBody = { ...moved, cuota: 30 };
const paysByTransfer: EditUserBody = { ...raised, formadepago: 'Transferencia' };
const lowered: EditUserBody = { ...paysByTransfer, cuota: 25 };

/** The edits of the demo people, in order. The last one is in the present month. */
export const DEMO_EDITS: readonly DemoEdit[] = [
  { when: { daysAgo: 190 }, by: SECRETARY, user: moved },
  { when: { daysAgo: 150 }, by: MARIA, persona: { nombres: 'María' } },
  { when: { daysAgo: 120 }, by: TREASURER, user: raised, reason: 'Acuerdo de la asamblea' },
  { when: { daysAgo: 90 }, by: MARIA, persona: { telefono: '+1234567890' } },
  { when: { daysAgo: 65 }, by: TREASURER, user: paysByTransfer },
  { when: 'this month', by: PRESIDENT, user: lowered, reason: 'Cuota reducida' },
];
