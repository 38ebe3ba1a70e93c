import { expect } from 'chai';
import { editUser } from '../../src/commands/editUser.ts';
import { removeUser } from '../../src/commands/removeUser.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { aPersona, aUser, byAdmin, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';
import { getAfterWrites, settableClock, walk, type Page } from './support.ts';

const clock = settableClock('2025-01-01T10:00:00.000Z');

describe('GET /users?at=', () => {
  const running = serviceForTests({ clock, timeZone: 'Europe/Madrid' });
  let ana: UserRecord;
  let blas: UserRecord;
  let zoe: UserRecord;

  before(async () => {
    const { commands } = running().service;
    ana = await aUser(running().service, { nombre: 'Ana', cuota: 10, categoria: 'Socio', socio: 'Socio' });
    blas = await aUser(running().service, {
      nombre: 'Blas',
      fechaalta: '2024-01-01',
      fechabaja: '2025-06-30',
    });
    clock.set('2025-03-01T10:00:00.000Z');
    await commands.handle(editUser, editOf(ana, { cuota: 20, nombre: 'Anabel' }), byAdmin());
    clock.set('2025-05-01T10:00:00.000Z');
    await commands.handle(removeUser, { dni: blas.dni }, byAdmin());
    clock.set('2025-12-31T22:30:00.000Z');
    zoe = await aUser(running().service, { nombre: 'Zoé', categoria: 'jubilado', socio: 'NoSocio' });
    clock.set('2026-02-01T10:00:00.000Z');
  });

  const get = (path: string, token?: string): ReturnType<typeof getAfterWrites> =>
    getAfterWrites(running(), path, token === undefined ? {} : { token });
  const namesAt = async (query: string): Promise<string[]> =>
    ((await get(`/users?${query}`)).body as Page).users.map(({ nombre }) => nombre);

  it('lists who was registered and not removed at that time, as they were then', async () => {
    const { status, body } = await get('/users?at=2025-02-01T00:00:00Z');
    expect(status).to.equal(200);
    const { users, next, at } = body as Page<Record<string, unknown>>;
    expect(users.map(({ nombre, cuota }) => [nombre, cuota])).to.deep.equal([
      ['Ana', 10],
      ['Blas', 25],
    ]);
    expect(next).to.equal(null);
    expect(at).to.equal('2025-02-01T00:00:00.000Z');
    expect(users[0]).to.not.have.any.keys('password', 'verificationCode', 'verificationExpires');
    expect(await namesAt('at=2025-04-01T00:00:00Z')).to.deep.equal(['Anabel', 'Blas']);
    expect(await namesAt('at=2025-06-01T00:00:00Z')).to.deep.equal(['Anabel']);
    expect(await namesAt('at=2024-06-01T00:00:00Z')).to.deep.equal([]);
  });

  it('includes events of that millisecond and none of the next', async () => {
    expect(await namesAt('at=2025-03-01T09:59:59.999Z')).to.deep.equal(['Ana', 'Blas']);
    expect(await namesAt('at=2025-03-01T10:00:00.000Z')).to.deep.equal(['Anabel', 'Blas']);
  });

  it('takes a date as the end of that day in TIME_ZONE', async () => {
    // 23:30 in Madrid on 31 December.
    expect(await namesAt('at=2025-12-30')).to.deep.equal(['Anabel']);
    expect(await namesAt('at=2025-12-31')).to.deep.equal(['Anabel', 'Zoé']);
    const { body } = await get('/users?at=2025-12-31');
    expect((body as Page).at).to.equal('2025-12-31T22:59:59.999Z');
  });

  it('shows each user as GET /users/:dni?at= does', async () => {
    const { body } = await get('/users?at=2025-04-01T00:00:00Z');
    for (const entry of (body as Page<Record<string, unknown>>).users) {
      const one = await get(`/users/${String(entry['dni'])}?at=2025-04-01T00:00:00Z`);
      expect(one.body).to.deep.equal(entry);
    }
  });

  it('filters by the values of that time', async () => {
    const at = 'at=2025-02-01T00:00:00Z';
    expect(await namesAt(`${at}&q=ana`)).to.deep.equal(['Ana']);
    expect(await namesAt(`${at}&q=anabel`)).to.deep.equal([]);
    expect(await namesAt(`${at}&categoria=SOCIO`)).to.deep.equal(['Ana', 'Blas']);
    expect(await namesAt(`at=2026-01-01&socio=NoSocio`)).to.deep.equal(['Zoé']);
    expect(await namesAt(`at=2026-01-01&socio=1`)).to.deep.equal(['Anabel']);
    expect(await namesAt('at=2025-04-30&activo=true')).to.deep.equal(['Anabel', 'Blas']);
    expect(await namesAt('at=2025-04-30&activo=false')).to.deep.equal([]);
  });

  it('filters without an instant, too', async () => {
    expect(await namesAt('categoria=jubilado')).to.deep.equal(['Zoé']);
    expect(await namesAt('socio=Socio')).to.deep.equal(['Anabel']);
    expect(await namesAt('activo=true')).to.deep.equal(['Anabel', 'Zoé']);
    const { body } = await get('/users?activo=true&limit=1');
    expect((body as Page).users).to.have.length(1);
    expect(body).to.not.have.property('at');
    expect(
      (await walk<{ nombre: string }>(running(), '/users?activo=true&limit=1', 'users')).length,
    ).to.equal(2);
  });

  it('names every invalid parameter (400)', async () => {
    const { status, body } = await get('/users?at=2026-02-31&activo=yes&socio=2&categoria=&limit=0');
    expect(status).to.equal(400);
    expect((body as { message: string[] }).message).to.deep.equal([
      'limit must not be less than 1',
      'at must be a date such as 2026-01-01 or an RFC 3339 instant such as 2026-01-01T12:00:00Z',
      'categoria should not be empty',
      'socio must be one of the following values: 0, 1, Socio, NoSocio',
      'activo must be one of the following values: true, false',
    ]);
  });

  it('refuses an instant in the future (400)', async () => {
    const { status, body } = await get('/users?at=2026-02-01');
    expect(status).to.equal(400);
    expect((body as { message: string[] }).message).to.deep.equal([
      'at must not lie in the future; a date means the end of that day',
    ]);
  });

  it('is open to auditors, who may not read the present list', async () => {
    const auditor = tokenOf('auditor');
    expect((await get('/users?at=2025-02-01', auditor)).status).to.equal(200);
    expect((await get('/users', auditor)).status).to.equal(403);
    expect((await get('/users?at=2025-02-01', tokenOf('monitor'))).status).to.equal(200);
    expect((await get('/users?at=2025-02-01', tokenOf('asistente'))).status).to.equal(403);
    expect((await get('/api/personas?at=2025-02-01', auditor)).status).to.equal(200);
    expect((await get('/api/personas?at=2025-02-01', tokenOf('monitor'))).status).to.equal(403);
  });

  it('logs the names of the filters, never their values', async () => {
    running().logLines.length = 0;
    await get('/users?at=2025-02-01&q=Blas');
    const line = running().logLines.find((one) => one.includes('history read')) ?? '';
    expect(line).to.contain('"filters":["at","q"]').and.to.not.contain('Blas');
  });

  it('refuses the cursor of another question (400)', async () => {
    const { body } = await get('/users?at=2025-02-01&limit=1');
    const cursor = String((body as Page).next);
    expect((await get(`/users?at=2025-02-01&cursor=${cursor}`)).status).to.equal(200);
    for (const other of [
      `at=2025-02-02&cursor=${cursor}`,
      `at=2025-02-01&q=a&cursor=${cursor}`,
      `cursor=${cursor}`,
    ]) {
      expect((await get(`/users?${other}`)).status, other).to.equal(400);
    }
    expect((await get(`/api/personas?at=2025-02-01&cursor=${cursor}`)).status).to.equal(400);
  });

  it('streams the whole roll of a day as CSV and NDJSON', async () => {
    const csv = await getAfterWrites(running(), '/users?at=2025-02-01', { headers: { accept: 'text/csv' } });
    expect(csv.headers['content-disposition']).to.equal('attachment; filename="users-2025-02-01.csv"');
    const lines = String(csv.body).split('\r\n');
    expect(lines[0]).to.match(/^\uFEFFIdUsuario,nombre,apellidos,dni,/);
    expect(lines[1]).to.contain(`${ana.IdUsuario},Ana,`);
    expect(lines).to.have.length(4);
    const ndjson = await getAfterWrites(running(), '/users?at=2025-02-01', {
      headers: { accept: 'application/x-ndjson' },
    });
    const { body } = await get('/users?at=2025-02-01');
    const entries = String(ndjson.body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(entries).to.deep.equal((body as Page).users);
  });

  it('streams the present list with its filters', async () => {
    const { body } = await getAfterWrites(running(), '/users?categoria=jubilado', {
      headers: { accept: 'application/x-ndjson' },
    });
    expect(JSON.parse(String(body))).to.include({ IdUsuario: zoe.IdUsuario, nombre: 'Zoé' });
  });

  it('shows one state through all pages while writes continue', async () => {
    clock.set('2026-02-02T10:00:00.000Z');
    const now = '2026-02-02T10:00:00.000Z';
    const { body } = await get(`/users?at=${now}`);
    const { commands } = running().service;
    let writes = 0;
    // The clock stands still: what is written during the walk has the very instant that is asked for.
    const seen = await walk(running(), `/users?at=${now}&limit=1`, 'users', async () => {
      writes += 1;
      await commands.handle(editUser, editOf(zoe, { cuota: 100 + writes }), byAdmin());
      await aUser(running().service, { nombre: `New ${writes}` });
    });
    expect(writes).to.be.above(1);
    expect(seen).to.deep.equal((body as Page).users);
  });
});

describe('GET /api/personas?at=', () => {
  const running = serviceForTests();

  it('shows persons as they were', async () => {
    const { id } = await aPersona(running().service, { nombres: 'Íñigo' });
    const at = new Date().toISOString();
    const { status, body } = await getAfterWrites(running(), `/api/personas?at=${at}&q=inigo`);
    expect(status).to.equal(200);
    expect((body as { personas: { id: number }[] }).personas.map((one) => one.id)).to.deep.equal([id]);
    expect((await getAfterWrites(running(), `/api/personas?at=${at}&categoria=socio`)).status).to.equal(400);
  });
});
