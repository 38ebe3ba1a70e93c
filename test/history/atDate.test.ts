import { expect } from 'chai';
import { editUser } from '../../src/commands/editUser.ts';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import type { Answer } from '../support/client.ts';
import { aPersona, aUser, byAdmin, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';
import { settableClock } from '../roll/support.ts';

const clock = settableClock('2025-01-01T10:00:00.000Z');

describe('One record at a date', () => {
  const running = serviceForTests({ clock, timeZone: 'Europe/Madrid' });
  let ana: UserRecord;
  let luz: PersonaRecord & { cuenta: string };

  const get = (path: string): Promise<Answer> => running().send('GET', path, { token: tokenOf('admin') });
  const feeOn = async (at: string): Promise<unknown> =>
    ((await get(`/users/${ana.dni}?at=${at}`)).body as UserRecord).cuota;
  async function feeFrom(instant: string, cuota: number): Promise<void> {
    clock.set(instant);
    await running().service.commands.handle(editUser, editOf(ana, { cuota }), byAdmin());
  }

  before(async () => {
    ana = await aUser(running().service, { cuota: 1 });
    luz = await aPersona(running().service, { nombres: 'Luz' });
  });

  const days: [string, string, string, string][] = [
    ['in winter', '2025-01-31', '2025-01-31T22:59:59.999Z', '2025-01-31T23:00:00.000Z'],
    ['of 23 hours', '2025-03-30', '2025-03-30T21:59:59.999Z', '2025-03-30T22:00:00.000Z'],
    ['in summer', '2025-07-01', '2025-07-01T21:59:59.999Z', '2025-07-01T22:00:00.000Z'],
    ['of 25 hours', '2025-10-26', '2025-10-26T22:59:59.999Z', '2025-10-26T23:00:00.000Z'],
  ];
  for (const [index, [day, date, last, next]] of days.entries()) {
    it(`includes the last millisecond of a day ${day} in TIME_ZONE, and nothing later`, async () => {
      const cuota = 10 * (index + 1);
      await feeFrom(last, cuota);
      await feeFrom(next, cuota + 1);
      expect(await feeOn(date)).to.equal(cuota);
      expect(await feeOn(last)).to.equal(cuota);
      expect(await feeOn(next)).to.equal(cuota + 1);
    });
  }

  it('is the same for persons', async () => {
    clock.set('2025-11-01T23:00:00.000Z');
    const changed = { nombres: 'Lucía' };
    const asLuz = { ...byAdmin(), actor: { account: luz.cuenta, role: 'asistente' } };
    await running().service.commands.handle(updatePersonaProfile, changed, asLuz);
    clock.set('2025-11-03T10:00:00.000Z');
    const namesOn = async (at: string): Promise<unknown> =>
      ((await get(`/api/personas/${luz.id}?at=${at}`)).body as PersonaRecord).nombres;
    expect([await namesOn('2025-11-01'), await namesOn('2025-11-02')]).to.deep.equal(['Luz', 'Lucía']);
  });

  it('is 404 on a day before the registration', async () => {
    const { status, body } = await get(`/api/personas/${luz.id}?at=2024-12-31`);
    expect(status).to.equal(404);
    expect(body).to.have.deep.property('errors', [{ path: '/at', message: 'es anterior al primer evento' }]);
  });

  it('is 400 on a day that is not over or does not exist, and at two moments', async () => {
    clock.set('2025-12-31T22:59:59.998Z');
    const messagesFor = async (query: string): Promise<unknown> => {
      const { status, body } = await get(`/users/${ana.dni}?${query}`);
      return [status, (body as { message: string[] }).message];
    };
    expect(await messagesFor('at=2025-12-31')).to.deep.equal([
      400,
      ['at must not lie in the future; a date means the end of that day'],
    ]);
    expect(await messagesFor('at=2025-02-29')).to.deep.equal([
      400,
      ['at must be a date such as 2026-01-01 or an RFC 3339 instant such as 2026-01-01T12:00:00Z'],
    ]);
    expect(await messagesFor('at=2025-02-01&at=2025-02-02')).to.deep.equal([
      400,
      ['at must be given only once'],
    ]);
    clock.set('2025-12-31T22:59:59.999Z');
    expect((await get(`/users/${ana.dni}?at=2025-12-31`)).status).to.equal(200);
  });

  it('may be asked for at an instant in the future, and is then as it is now', async () => {
    expect(await feeOn('2999-01-01T00:00:00Z')).to.equal(41);
  });
});
