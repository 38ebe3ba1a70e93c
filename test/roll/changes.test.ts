import { expect } from 'chai';
import { editUser } from '../../src/commands/editUser.ts';
import { removeUser } from '../../src/commands/removeUser.ts';
import type { UserRecord } from '../../src/events/types.ts';
import type { RollChange } from '../../src/roll/changes/changes.ts';
import { aUser, byAdmin, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';
import { getAfterWrites, settableClock, walk } from './support.ts';

interface ChangesPage {
  changes: RollChange[];
  next: string | null;
  from: string;
  to: string;
}

const clock = settableClock('2025-01-01T10:00:00.000Z');

describe('GET /users/changes', () => {
  const running = serviceForTests({ clock, timeZone: 'Europe/Madrid' });
  let changed: UserRecord;
  let back: UserRecord;
  let left: UserRecord;
  let joined: UserRecord;
  let visitor: UserRecord;

  before(async () => {
    const { service } = running();
    const { commands } = service;
    const edit = (user: UserRecord, changes: object): Promise<unknown> =>
      commands.handle(editUser, editOf(user, changes), byAdmin());
    changed = await aUser(service, { nombre: 'Ana', apellidos: 'Sanz', cuota: 10 });
    back = await aUser(service, { nombre: 'Blas', cuota: 10 });
    left = await aUser(service, { nombre: 'Carmen', apellidos: '' });
    clock.set('2025-06-01T10:00:00.000Z');
    await edit(changed, { cuota: 20, nombre: 'Anabel' });
    await edit(changed, { cuota: 30, nombre: 'Anabel' });
    await edit(back, { cuota: 20 });
    await edit(back, { cuota: 10 });
    await commands.handle(removeUser, { dni: left.dni }, byAdmin());
    joined = await aUser(service, { nombre: 'Diego', dni: left.dni });
    visitor = await aUser(service, { nombre: 'Eva' });
    await commands.handle(removeUser, { dni: visitor.dni }, byAdmin());
    clock.set('2026-02-01T10:00:00.000Z');
  });

  const get = (query: string, headers: Record<string, string> = {}): ReturnType<typeof getAfterWrites> =>
    getAfterWrites(running(), `/users/changes?${query}`, { headers });
  const YEAR = 'from=2025-01-01&to=2025-12-31';

  it('lists who joined, left or changed, with the net difference of each field', async () => {
    const { status, body } = await get(YEAR);
    expect(status).to.equal(200);
    const { changes, next, from, to } = body as ChangesPage;
    expect(changes.map(({ kind, id, dni, name }) => ({ kind, id, dni, name }))).to.deep.equal([
      { kind: 'changed', id: changed.IdUsuario, dni: changed.dni, name: 'Anabel Sanz' },
      { kind: 'left', id: left.IdUsuario, dni: left.dni, name: 'Carmen' },
      { kind: 'joined', id: joined.IdUsuario, dni: left.dni, name: 'Diego Rodríguez García' },
    ]);
    expect(changes[0]?.changes).to.deep.equal([
      { field: 'nombre', before: 'Ana', after: 'Anabel' },
      { field: 'cuota', before: 10, after: 30 },
    ]);
    expect(changes[1]?.changes).to.deep.include({ field: 'nombre', before: 'Carmen', after: null });
    expect(changes[2]?.changes).to.deep.include({ field: 'nombre', before: null, after: 'Diego' });
    expect(JSON.stringify(changes)).to.not.contain('password');
    expect([next, from, to]).to.deep.equal([null, '2025-01-01T22:59:59.999Z', '2025-12-31T22:59:59.999Z']);
  });

  it('counts with summary=true', async () => {
    const { status, body } = await get(`${YEAR}&summary=true`);
    expect(status).to.equal(200);
    expect(body).to.deep.equal({ joined: 1, left: 1, changed: 1, before: 3, after: 3 });
  });

  it('returns each change once over its pages', async () => {
    const { body } = await get(YEAR);
    const walked = await walk(running(), `/users/changes?${YEAR}&limit=1`, 'changes');
    expect(walked).to.deep.equal((body as ChangesPage).changes);
  });

  it('can be a file: one line per person who joined or left, one per changed field', async () => {
    const { body, headers } = await get(YEAR, { accept: 'text/csv' });
    expect(headers['content-disposition']).to.equal('attachment; filename="users-changes.csv"');
    const lines = String(body).replace('\uFEFF', '').trimEnd().split('\r\n');
    expect(lines).to.deep.equal([
      'kind,id,dni,name,field,before,after',
      `changed,${changed.IdUsuario},${changed.dni},Anabel Sanz,nombre,Ana,Anabel`,
      `changed,${changed.IdUsuario},${changed.dni},Anabel Sanz,cuota,10,30`,
      `left,${left.IdUsuario},${left.dni},Carmen,,,`,
      `joined,${joined.IdUsuario},${left.dni},Diego Rodríguez García,,,`,
    ]);
    const ndjson = await get(YEAR, { accept: 'application/x-ndjson' });
    const all = String(ndjson.body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RollChange);
    expect(all).to.deep.equal(((await get(YEAR)).body as ChangesPage).changes);
  });

  it('shows nothing between a moment and itself', async () => {
    const { body } = await get('from=2025-12-31&to=2025-12-31');
    expect((body as ChangesPage).changes).to.deep.equal([]);
  });

  it('names every invalid parameter (400)', async () => {
    const messages = async (query: string): Promise<string[]> =>
      ((await get(query)).body as { message: string[] }).message;
    expect(await messages('to=x')).to.deep.equal([
      'from is required',
      'to must be a date such as 2026-01-01 or an RFC 3339 instant such as 2026-01-01T12:00:00Z',
    ]);
    expect(await messages('from=2025-12-31&to=2025-01-01')).to.deep.equal(['to must not be before from']);
    expect(await messages('from=2025-12-31&to=2099-01-01&summary=1')).to.deep.equal([
      'to must not lie in the future; a date means the end of that day',
      'summary must be one of the following values: true, false',
    ]);
  });

  it('is open to monitor, admin and auditor; of persons, to admin and auditor', async () => {
    const status = async (path: string, role: string): Promise<number> =>
      (await getAfterWrites(running(), `${path}/changes?${YEAR}`, { token: tokenOf(role) })).status;
    expect(await status('/users', 'monitor')).to.equal(200);
    expect(await status('/users', 'auditor')).to.equal(200);
    expect(await status('/users', 'asistente')).to.equal(403);
    expect(await status('/api/personas', 'auditor')).to.equal(200);
    expect(await status('/api/personas', 'monitor')).to.equal(403);
  });
});
