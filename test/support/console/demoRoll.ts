import { systemClock, type Clock } from '../../../src/platform/clock.ts';
import { aPersona, aUser, editOf } from '../people.ts';
import { serviceForTests, type TestService } from '../service.ts';
import { tokenOf } from '../tokens.ts';
import { eventually } from '../eventually.ts';

/** A clock that can be set back, so that a test's registrations seem to have happened long ago. */
export interface PastClock extends Clock {
  /** Days before today. */
  setDaysAgo(days: number): void;
}

export function createPastClock(): PastClock {
  let days = 0;
  return {
    ...systemClock,
    now: () => new Date(Date.parse(systemClock.now()) - days * 86_400_000).toISOString(),
    setDaysAgo(next) {
      days = next;
    },
  };
}

const FIRST = [
  'Lucía',
  'Andrés',
  'Carmen',
  'Pau',
  'Nuria',
  'Jordi',
  'Inés',
  'Hugo',
  'Aitana',
  'Rafael',
  'Montserrat',
  'Iker',
];
const LAST = [
  'García Soler',
  'Martínez Gil',
  'Ferrer Puig',
  'Navarro Ruiz',
  'Etxeberria Lasa',
  'Sánchez Mora',
  'Vidal Roca',
  'López Ibáñez',
];
const TOWNS = ['Valencia', 'Alzira', 'Xàtiva', 'Sueca', 'Gandia', 'Torrent'];
const CATEGORIES = ['socio', 'juvenil', 'honor', 'socio'];

/** The user whose fee was changed, and how. */
export const MARTA = { dni: '20304050M', name: 'Vidal Roca, Marta' };

/** A service with the demo roll, for the tests of a describe block. */
export function demoServiceForTests(): () => TestService {
  const clock = createPastClock();
  const running = serviceForTests({ clock });
  before(async function () {
    this.timeout(60_000);
    await fillDemoRoll(running(), clock);
  });
  return running;
}

/** Fills the service with a small club and its history. */
export async function fillDemoRoll({ service, send }: TestService, clock: PastClock): Promise<void> {
  for (let index = 0; index < 30; index += 1) {
    clock.setDaysAgo(200 - 4 * index);
    await aUser(service, memberOf(index));
  }
  clock.setDaysAgo(190);
  await aPersona(service, { nombres: 'Elena', apellidos: 'Prats Vela', dni: '70605040E', cuenta: 'elena' });
  await aPersona(service, { nombres: 'Tomás', apellidos: 'Bosch Llull', dni: '70605041T', cuenta: 'tomas' });
  clock.setDaysAgo(180);
  let marta = await aUser(service, {
    ...memberOf(6),
    nombre: 'Marta',
    apellidos: 'Vidal Roca',
    dni: MARTA.dni,
    email: 'marta@example.com',
    cuota: 30,
  });
  const edit = async (
    changes: Parameters<typeof editOf>[1],
    days: number,
    account: string,
  ): Promise<void> => {
    clock.setDaysAgo(days);
    marta = { ...marta, ...changes } as typeof marta;
    const { status } = await send('POST', '/users/edit', {
      body: editOf(marta),
      token: tokenOf(account === 'admin' ? 'admin' : 'monitor', account),
    });
    if (status !== 200) throw new Error(`the edit was answered with ${status}`);
  };
  await edit({ telefono: '699888777', direccion: 'Avenida del Puerto 8' }, 120, 'monitor');
  await edit({ cuota: 25 }, 64, 'tesoreria');
  await edit({ categoria: 'honor', formadepago: 'Tarjeta' }, 31, 'tesoreria');
  await edit({ cuota: 45 }, 12, 'tesoreria');
  await edit({ email: 'marta.vidal@example.com' }, 3, 'monitor');
  clock.setDaysAgo(2);
  await send('POST', '/users/delete', { body: { dni: memberOf(3).dni }, token: tokenOf('admin') });
  clock.setDaysAgo(0);
  await eventually('the views have caught up', async () => {
    const { body } = await send('GET', '/admin/projections', { token: tokenOf('admin') });
    return (body as { projections: { lagEvents: number | null }[] }).projections.every(
      ({ lagEvents }) => lagEvents === 0,
    );
  });
}

const memberOf = (index: number): Parameters<typeof aUser>[1] & { dni: string } => ({
  nombre: FIRST[index % FIRST.length] as string,
  apellidos: LAST[(index * 3) % LAST.length] as string,
  dni: `${30_000_000 + index * 7_919}K`,
  email: `socio${index}@example.com`,
  poblacion: TOWNS[index % TOWNS.length] as string,
  categoria: CATEGORIES[index % CATEGORIES.length] as string,
  cuota: [25, 12.5, 0, 30][index % 4] as number,
  fechaalta: `202${index % 6}-0${(index % 9) + 1}-15`,
  ...(index % 11 === 5 ? { fechabaja: '2026-06-30' } : {}),
});
