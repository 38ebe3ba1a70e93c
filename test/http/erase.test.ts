import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Certificate } from '../../src/erasure/certificate.ts';
import type { Job } from '../../src/projections/record/viewRecord.ts';
import { ended } from '../rebuild/support/work.ts';
import { aPersona, aUser, editOf, personaBody, userBody } from '../support/people.ts';
import { eventually } from '../support/eventually.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const REASON = 'Request of 12 March, file 2026/81';
const admin = tokenOf('admin');
const dpo = tokenOf('dpo');

describe('Erasing a person', function () {
  if (process.env['TEST_SEALING'] === 'off') return;
  const running = serviceForTests();
  const send: ReturnType<typeof running>['send'] = (...args) => running().send(...args);
  const erase = (path: string, confirm: string, headers = {}, token = admin) =>
    send('POST', `${path}/erase`, { token, headers, body: { reason: REASON, confirm } });
  const read = (path: string, token = admin) => send('GET', path, { token });
  const codeOf = async (path: string, token = admin) => {
    const { status, headers } = await read(path, token);
    return [status, headers['problem-code'] ?? null];
  };

  it('answers 200 with the certificate, which holds no personal datum', async () => {
    const user = await aUser(running().service);
    const { status, body } = await erase(`/users/${user.dni}`, user.dni, {}, dpo);
    expect(status).to.equal(200);
    const { erasure, erasedAt, keys, ...rest } = body as Certificate;
    expect(rest).to.deep.equal({
      subject: `user-${user.IdUsuario}`,
      by: { account: 'dpo', role: 'dpo' },
      reason: REASON,
      verified: { events: true, views: true, keyStore: true },
    });
    expect(erasure).to.match(/^[0-9a-f-]{36}$/);
    expect(Date.parse(erasedAt)).to.be.closeTo(Date.now(), 60_000);
    expect(keys).to.have.lengthOf(1);
    expect(keys[0]).to.match(/^[\w-]{22}$/);
  });

  it('leaves the document and the lists as after a removal', async () => {
    const user = await aUser(running().service);
    await erase(`/users/${user.dni}`, user.dni);
    expect(await codeOf(`/users/${user.dni}`)).to.deep.equal([404, 'not-found']);
    expect((await read(`/users?q=${user.dni}`)).body).to.deep.equal({ users: [], next: null });
    const edit = await send('POST', '/users/edit', { token: admin, body: editOf(user) });
    expect({ status: edit.status, body: edit.body }).to.deep.equal({
      status: 500,
      body: { statusCode: 500, message: 'User not found' },
    });
  });

  it('keeps of each history entry position, type, instant and role, and nothing else of the person', async () => {
    const person = await aPersona(running().service);
    const token = tokenOf('asistente', person.cuenta);
    await send('PUT', '/api/personas/me', { token, body: { telefono: '699 111 222' } });
    const subject = `persona-${person.id}`;
    const entries = async () =>
      ((await read(`/audit?subject=${subject}&order=asc`)).body as { entries: Record<string, unknown>[] })
        .entries;
    const before = await eventually('both changes are in the history', async () => {
      const found = await entries();
      return found.length === 2 ? found : null;
    });
    await erase(`/api/personas/${person.id}`, person.dni);
    const after = await entries();
    expect(after.slice(0, 2)).to.deep.equal(
      before.map(({ position, type, at, actor, revision, correlation, request }) => ({
        position,
        subject,
        revision,
        type,
        at,
        actor: { account: null, role: (actor as { role: string }).role },
        correlation,
        request,
        summary: 'What this event said was erased.',
        reason: null,
        changes: [],
        erased: true,
      })),
    );
    expect(after[2]).to.deep.include({ type: 'SubjectErased', reason: REASON, changes: [] });
    expect((await read(`/audit?actor=${person.cuenta}`)).body).to.deep.include({ entries: [] });
    expect((await read(`/audit?subject=${subject}&field=dni`)).body).to.deep.include({ entries: [] });
  });

  it('answers 410 for the past of the subject', async () => {
    const person = await aPersona(running().service);
    const user = await aUser(running().service);
    const paths = [`/api/personas/${person.id}`, `/users/user-${user.IdUsuario}`] as const;
    await erase(paths[0], person.dni);
    await erase(`/users/${user.dni}`, user.dni);
    for (const path of paths) {
      for (const past of [
        '?revision=0',
        '?at=2020-01-01T00:00:00Z',
        '/diff?from=0&to=1',
        '/history',
        '/export',
      ]) {
        expect(await codeOf(`${path}${past}`), `${path}${past}`).to.deep.equal([410, 'erased']);
      }
      const body = { revision: 0, reason: 'back' };
      const revert = await send('POST', `${path}/revert`, { token: admin, body });
      expect([revert.status, revert.headers['problem-code']]).to.deep.equal([410, 'erased']);
    }
    // Nothing leads from the DNI to the subject.
    expect(await codeOf(`/users/${user.dni}/history`)).to.deep.equal([404, 'not-found']);
    expect(await codeOf(`/users/${user.dni}?revision=0`)).to.deep.equal([404, 'not-found']);
  });

  it('frees DNI and account', async () => {
    const person = await aPersona(running().service);
    await erase(`/api/personas/${person.id}`, person.dni);
    const { dni, cuenta } = person;
    const again = await send('POST', '/api/personas', { token: admin, body: personaBody({ dni, cuenta }) });
    expect(again.status).to.equal(201);
    const me = await read('/api/personas/me', tokenOf('asistente', cuenta));
    expect(me.body).to.include({ id: (again.body as { id: number }).id, dni });
    const user = await aUser(running().service);
    await erase(`/users/${user.dni}`, user.dni);
    const other = await send('POST', '/users', { token: admin, body: userBody({ dni: user.dni }) });
    expect(other.status).to.equal(201);
  });

  it('answers a repeat with the same certificate, with and without a key', async () => {
    const person = await aPersona(running().service);
    const first = await erase(`/api/personas/${person.id}`, person.dni);
    const events = await running().storedBy(() => erase(`/api/personas/${person.id}`, person.dni));
    expect(events.answer.body).to.deep.equal(first.body);
    expect(events.stored).to.deep.equal([]);
    const user = await aUser(running().service);
    const key = { 'idempotency-key': randomUUID() };
    const erased = await erase(`/users/${user.dni}`, user.dni, key);
    expect((await erase(`/users/${user.dni}`, user.dni, key)).body).to.deep.equal(erased.body);
    expect((await erase(`/users/${user.dni}`, user.dni)).body).to.deep.equal(erased.body);
    const bySubject = await erase(`/users/user-${user.IdUsuario}`, user.dni);
    expect(bySubject.body).to.deep.equal(erased.body);
  });

  it('does not take a key for another person, nor another command with it', async () => {
    const [one, other] = [await aUser(running().service), await aUser(running().service)];
    const key = { 'idempotency-key': randomUUID() };
    await erase(`/users/${one.dni}`, one.dni, key);
    expect((await erase(`/users/${other.dni}`, other.dni, key)).status).to.equal(422);
    const edit = await send('POST', '/users/edit', { token: admin, headers: key, body: editOf(other) });
    expect(edit.status).to.equal(422);
  });

  it('erases a user who was removed before, by the last DNI', async () => {
    const user = await aUser(running().service);
    await send('POST', '/users/delete', { token: admin, body: { dni: user.dni } });
    expect((await erase(`/users/${user.dni}`, user.dni)).status).to.equal(200);
  });

  it('erases by the subject one whose DNI another user has now', async () => {
    const user = await aUser(running().service);
    await send('POST', '/users/delete', { token: admin, body: { dni: user.dni } });
    const later = await aUser(running().service, { dni: user.dni });
    const { body } = await erase(`/users/user-${user.IdUsuario}`, user.dni);
    expect(body).to.include({ subject: `user-${user.IdUsuario}` });
    expect((await read(`/users/${user.dni}`)).body).to.include({ IdUsuario: later.IdUsuario });
  });

  it('refuses a confirm that is another DNI, and stores nothing', async () => {
    const user = await aUser(running().service);
    const { answer, stored } = await running().storedBy(() => erase(`/users/${user.dni}`, '1'));
    expect({ status: answer.status, body: answer.body }).to.deep.equal({
      status: 400,
      body: {
        message: ['confirm must be the present DNI of the person'],
        error: 'Bad Request',
        statusCode: 400,
      },
    });
    expect(stored).to.deep.equal([]);
  });

  it('refuses a stale If-Match (412), an unknown person (404), and other roles (403)', async () => {
    const user = await aUser(running().service);
    const stale = await erase(`/users/${user.dni}`, user.dni, { 'if-match': `"${user.IdUsuario}.7"` });
    expect(stale.status).to.equal(412);
    expect((await erase('/users/unknown', 'unknown')).status).to.equal(404);
    expect((await erase('/api/personas/999999', '1')).body).to.deep.equal({
      message: 'Persona no encontrada',
    });
    for (const role of ['monitor', 'auditor', 'asistente']) {
      expect((await erase(`/users/${user.dni}`, user.dni, {}, tokenOf(role))).status).to.equal(403);
    }
    expect((await read(`/users/${user.dni}`)).status).to.equal(200);
  });

  it('lists all erasures for admin and dpo, since an instant', async () => {
    const user = await aUser(running().service);
    const { body } = await erase(`/users/${user.dni}`, user.dni);
    const certificate = body as Certificate;
    const listed = async (query = '', token = dpo) =>
      ((await read(`/admin/erasures${query}`, token)).body as { erasures: Certificate[] }).erasures;
    expect((await listed()).at(-1)).to.deep.equal(certificate);
    expect(await listed(`?since=${certificate.erasedAt}`)).to.deep.equal([certificate]);
    expect(await listed('?since=2999-01-01T00:00:00Z')).to.deep.equal([]);
    expect((await read('/admin/erasures?since=yesterday')).status).to.equal(400);
    expect((await read('/admin/erasures', tokenOf('auditor'))).status).to.equal(403);
  });

  it('drops the generation kept for a rollback', async () => {
    const rebuilt = await send('POST', '/admin/projections/users/rebuild', { token: admin });
    await ended(running().service, rebuilt.body as Job);
    const user = await aUser(running().service);
    expect((await erase(`/users/${user.dni}`, user.dni)).status).to.equal(200);
    const rollback = await send('POST', '/admin/projections/users/rollback', { token: admin });
    expect([rollback.status, rollback.headers['problem-code']]).to.deep.equal([409, 'nothing-kept']);
  });
});

describe('Erasing in a log without sealing', () => {
  const running = serviceForTests({
    aroundStore: ({ sealing, ...store }) => ({
      ...store,
      ...(sealing ? { sealing: { ...sealing, isSealed: async () => false } } : {}),
    }),
  });

  it('is 409 not-sealed, and stores nothing', async () => {
    const user = await aUser(running().service);
    const body = { reason: REASON, confirm: user.dni };
    const { answer, stored } = await running().storedBy(() =>
      running().send('POST', `/users/${user.dni}/erase`, { token: admin, body }),
    );
    expect([answer.status, answer.headers['problem-code']]).to.deep.equal([409, 'not-sealed']);
    expect(stored).to.deep.equal([]);
  });
});
