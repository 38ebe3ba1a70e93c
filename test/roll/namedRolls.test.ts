import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { editUser } from '../../src/commands/editUser.ts';
import { removeUser } from '../../src/commands/removeUser.ts';
import type { UserRecord } from '../../src/events/types.ts';
import type { Answer } from '../support/client.ts';
import { aUser, byAdmin, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';
import { getAfterWrites, settableClock, walk } from './support.ts';

interface Named {
  id: number;
  name: string;
  at: string;
  count: number;
  digest: string;
}

const clock = settableClock('2025-01-01T10:00:00.000Z');

describe('Named rolls', () => {
  const running = serviceForTests({ clock, timeZone: 'Europe/Madrid' });
  const admin = tokenOf('admin');
  let ana: UserRecord;
  let blas: UserRecord;
  let named: Named;

  const post = (
    path: string,
    body?: object,
    headers: Record<string, string> = {},
    token = admin,
  ): Promise<Answer> => running().send('POST', path, { token, headers, ...(body ? { body } : {}) });
  const get = (path: string, token?: string): Promise<Answer> =>
    getAfterWrites(running(), path, token === undefined ? {} : { token });

  before(async () => {
    ana = await aUser(running().service, { nombre: 'Ana' });
    blas = await aUser(running().service, { nombre: 'Blas' });
    clock.set('2025-02-01T10:00:00.000Z');
    const { status, body, headers } = await post('/rolls', {
      name: 'Elections',
      kind: 'users',
      at: '2025-01-31',
    });
    expect(status).to.equal(201);
    named = body as Named;
    expect(headers['location']).to.equal(`/rolls/${named.id}`);
  });

  it('have an instant, a count and a creator, and no personal data in their events', async () => {
    expect(named).to.deep.include({ id: 1, name: 'Elections', kind: 'users', count: 2 });
    expect(named).to.deep.include({
      at: '2025-01-31T22:59:59.999Z',
      by: { account: 'admin', role: 'admin' },
      createdAt: '2025-02-01T10:00:00.000Z',
    });
    const stored = (await running().events()).filter(({ stream }) => stream === 'padron-rolls');
    expect(stored.map(({ type }) => type)).to.deep.equal(['RollFixed', 'RollNamed']);
    expect(JSON.stringify(stored.map(({ data }) => data)))
      .to.not.contain('Ana')
      .and.not.contain(ana.dni);
    expect((await get('/rolls/1')).body).to.deep.equal(named);
    expect((await get('/rolls')).body).to.deep.equal({ rolls: [named] });
  });

  it('keep their entries and their proof after later changes', async () => {
    const { commands } = running().service;
    await commands.handle(editUser, editOf(ana, { nombre: 'Anabel' }), byAdmin());
    await commands.handle(removeUser, { dni: blas.dni }, byAdmin());
    const entries = await walk<{ nombre: string }>(running(), '/rolls/1/entries?limit=1', 'entries');
    expect(entries.map(({ nombre }) => nombre)).to.deep.equal(['Ana', 'Blas']);
    const { status, body } = await post('/rolls/1/verify');
    expect(status).to.equal(200);
    expect(body).to.deep.equal({ matches: true, count: 2, digest: named.digest, erasedSince: 0 });
  });

  it('have a digest that can be computed from a copy of the entries alone', async () => {
    const { body } = await getAfterWrites(running(), '/rolls/1/entries', {
      headers: { accept: 'application/x-ndjson' },
    });
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const lines = String(body).trimEnd().split('\n');
    const hashed = lines.map((line) => `${(JSON.parse(line) as UserRecord).IdUsuario} ${sha256(line)}\n`);
    expect(sha256(hashed.join(''))).to.equal(named.digest);
  });

  it('can be compared with a later instant and with each other', async () => {
    clock.set('2025-06-01T10:00:00.000Z');
    const summary = { joined: 0, left: 1, changed: 1, before: 2, after: 1 };
    expect((await get('/rolls/1/changes?to=2025-05-01&summary=true')).body).to.deep.equal(summary);
    const later = await post('/rolls', { name: 'Budget', kind: 'users', at: '2025-05-01' });
    expect(later.body).to.include({ id: 2, count: 1 });
    const { body } = await get('/rolls/1/changes?to=2');
    const { changes } = body as { changes: { kind: string; name: string }[] };
    expect(changes.map(({ kind }) => kind)).to.deep.equal(['changed', 'left']);
    expect((await get('/rolls/2/changes?to=1')).status).to.equal(400);
    expect((await get('/rolls/1/changes?to=99')).status).to.equal(400);
    expect((await get('/rolls/1/changes')).status).to.equal(400);
  });

  it('have unique names (409), ignoring case, accents, white space and invisible characters', async () => {
    const name = async (text: string): Promise<Answer> =>
      post('/rolls', { name: text, kind: 'users', at: '2025-01-31' });
    const { status, body } = await name('ELECTIÓNS');
    expect(status).to.equal(409);
    expect(body).to.deep.include({
      code: 'taken',
      errors: [{ path: '/name', detail: 'name is already in use' }],
    });
    expect((await name('Annual meeting')).status).to.equal(201);
    for (const same of ['Annual  meeting', 'annual\u00a0meeting', 'Annual\u200b meeting'])
      expect((await name(same)).status, JSON.stringify(same)).to.equal(409);
    expect((await name('Annualmeeting')).status).to.equal(201);
  });

  it('are refused with what a moment is for an "at" of any other form', async () => {
    for (const at of ['y', '1/1/2025', 'the first of January']) {
      const { status, body } = await post('/rolls', { name: 'Odd', kind: 'users', at });
      expect(status).to.equal(400);
      const [{ path, detail } = { path: '', detail: '' }] = (
        body as { errors: { path: string; detail: string }[] }
      ).errors;
      expect(path).to.equal('/at');
      expect(detail, at).to.contain('must be a date such as');
    }
  });

  it('are created once by requests with the same Idempotency-Key', async () => {
    const request = { name: 'Repeated', kind: 'users', at: '2025-01-31' };
    const first = await post('/rolls', request, { 'idempotency-key': 'a-key' });
    const { answer: second, stored } = await running().storedBy(() =>
      post('/rolls', request, { 'idempotency-key': 'a-key' }),
    );
    expect([first.status, second.status, stored.length]).to.deep.equal([201, 201, 0]);
    expect(second.body).to.deep.equal(first.body);
    const other = await post('/rolls', { ...request, name: 'Other' }, { 'idempotency-key': 'a-key' });
    expect(other.status).to.equal(422);
  });

  it('refuse an invalid body and a future instant (400), and an unknown id (404)', async () => {
    expect((await post('/rolls', { name: '', kind: 'animals' })).status).to.equal(400);
    const { status, body } = await post('/rolls', { name: 'Future', kind: 'users', at: '2099-01-01' });
    expect(status).to.equal(400);
    expect((body as { errors: { path: string }[] }).errors.map(({ path }) => path)).to.deep.equal(['/at']);
    for (const path of ['/rolls/99', '/rolls/99/entries', '/rolls/x/changes?to=1']) {
      expect((await get(path)).status, path).to.equal(404);
    }
    expect((await post('/rolls/99/verify')).status).to.equal(404);
  });

  it('of persons are not accessible to monitors', async () => {
    const monitor = tokenOf('monitor');
    const request = { name: 'Persons', kind: 'personas', at: '2025-01-31' };
    expect((await post('/rolls', request, {}, monitor)).status).to.equal(403);
    const { body, status } = await post('/rolls', request, {}, tokenOf('auditor'));
    expect(status).to.equal(201);
    const path = `/rolls/${(body as Named).id}`;
    expect((await get(path, monitor)).status).to.equal(403);
    expect((await get(`${path}/entries`, monitor)).status).to.equal(403);
    expect((await get(path, tokenOf('auditor'))).status).to.equal(200);
    const seen = (await get('/rolls', monitor)).body as { rolls: { kind: string }[] };
    expect(seen.rolls.some(({ kind }) => kind === 'personas')).to.equal(false);
    expect((await get('/rolls', tokenOf('asistente'))).status).to.equal(403);
  });
});
