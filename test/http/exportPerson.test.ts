import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { lastEventOf, type EventStore } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import type { Answer } from '../support/client.ts';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

interface Exported {
  subject: string;
  revision: number;
  record: Record<string, unknown> | null;
  rolls: { id: number; name: string; at: string }[];
  changes: {
    revision: number;
    type: string;
    at: string;
    role: string;
    reason: string | null;
    changes: object[];
  }[];
}

describe('The export of one person', () => {
  let store: EventStore;
  const running = serviceForTests({ aroundStore: (real) => (store = real) });
  const admin = tokenOf('admin');
  let person: PersonaRecord & { cuenta: string };
  let user: UserRecord;

  const get = (path: string, token = admin, headers: Record<string, string> = {}): Promise<Answer> =>
    running().send('GET', path, { token, headers });
  const post = (path: string, body: object): Promise<Answer> =>
    running().send('POST', path, { token: admin, body });

  before(async () => {
    const before = new Date(Date.now() - 60_000).toISOString();
    expect((await post('/rolls', { name: 'Before', kind: 'users', at: before })).status).to.equal(201);
    person = await aPersona(running().service, { nombres: 'Inés' });
    user = await aUser(running().service, { nombre: '=SUM(A1)' });
    const edited = await post('/users/edit', editOf(user, { cuota: 77, direccion: '+34 C/ Mayor' }));
    expect(edited.status).to.equal(200);
    const now = new Date().toISOString();
    expect((await post('/rolls', { name: 'Elections', kind: 'users', at: now })).status).to.equal(201);
    expect((await post('/rolls', { name: 'Staff', kind: 'personas', at: now })).status).to.equal(201);
  });

  it('has the record, every change with instant and role, and the named rolls that include the user', async () => {
    const { status, headers, body } = await get(`/users/${user.dni}/export`);
    expect(status).to.equal(200);
    expect(headers['content-type']).to.equal('application/json; charset=utf-8');
    expect(headers['content-disposition']).to.equal(`attachment; filename="user-${user.IdUsuario}.json"`);
    const { subject, revision, record, rolls, changes } = body as Exported;
    expect({ subject, revision }).to.deep.equal({ subject: `user-${user.IdUsuario}`, revision: 1 });
    expect(record).to.deep.equal({ ...user, cuota: 77, direccion: '+34 C/ Mayor', password: '***' });
    expect(rolls.map(({ name }) => name)).to.deep.equal(['Elections']);
    expect(changes.map(({ type, role }) => [type, role])).to.deep.equal([
      ['UserRegistered', 'admin'],
      ['UserEdited', 'admin'],
    ]);
    expect(changes[1]?.changes).to.deep.include({ field: 'cuota', before: user.cuota, after: 77 });
    expect(changes[0]).to.not.have.property('account');
    expect(JSON.stringify(body)).to.not.include(user.password);
  });

  it('names rolls of persons for a person only, and rolls of users for a user only', async () => {
    const rollsIn = async (path: string): Promise<string[]> =>
      ((await get(path)).body as Exported).rolls.map(({ name }) => name);
    expect(await rollsIn(`/api/personas/${person.id}/export`)).to.deep.equal(['Staff']);
    expect(await rollsIn(`/users/${user.dni}/export`)).to.deep.equal(['Elections']);
  });

  it('is answered about a user who was removed, by the DNI that the user held last', async () => {
    const gone = await aUser(running().service);
    expect((await post('/users/delete', { dni: gone.dni })).status).to.equal(200);
    const { status, body } = await get(`/users/${gone.dni}/export`);
    expect(status).to.equal(200);
    expect((body as Exported).record).to.equal(null);
    expect((body as Exported).changes.at(-1)).to.include({ type: 'UserRemoved', role: 'admin' });
  });

  it('is for admin and dpo, and of one’s own data for the person', async () => {
    const own = tokenOf('asistente', person.cuenta);
    const mine = await get('/api/personas/me/export', own);
    expect(mine.status).to.equal(200);
    expect((mine.body as Exported).record).to.deep.equal(person);
    const byId = `/api/personas/${person.id}/export`;
    for (const role of ['admin', 'dpo']) expect((await get(byId, tokenOf(role))).status).to.equal(200);
    for (const role of ['monitor', 'auditor', 'asistente']) {
      expect((await get(byId, tokenOf(role))).status).to.equal(403);
      expect((await get(`/users/${user.dni}/export`, tokenOf(role))).status).to.equal(403);
    }
    expect((await get('/api/personas/me/export', tokenOf('dpo'))).status).to.equal(403);
    expect((await running().send('GET', byId, {})).status).to.equal(401);
  });

  it('is 404 about a person that there is not, and 400 with an unknown parameter', async () => {
    expect((await get('/api/personas/99999/export')).body).to.deep.equal({
      message: 'Persona no encontrada',
    });
    expect((await get('/api/personas/me/export', tokenOf('asistente', 'nobody-s'))).status).to.equal(404);
    expect((await get('/users/00000001R/export')).status).to.equal(404);
    const unknown = await get(`/api/personas/${person.id}/export?format=csv`);
    expect(unknown.status).to.equal(400);
  });

  it('comes as CSV in which no cell is a formula', async () => {
    const { status, headers, body } = await get(`/users/${user.dni}/export`, admin, { accept: 'text/csv' });
    expect(status).to.equal(200);
    expect(headers['content-type']).to.equal('text/csv; charset=utf-8; header=present');
    const text = body as string;
    const lines = text.replace('\uFEFF', '').trimEnd().split('\r\n');
    expect(lines[0]).to.equal('part,revision,type,at,role,summary,reason,field,before,after');
    expect(
      lines.some((line) => line.startsWith('record,1,') && line.endsWith(",nombre,,'=SUM(A1)")),
    ).to.equal(true);
    expect(
      lines.some((line) => line.startsWith('change,1,UserEdited,') && line.includes("'+34 C/ Mayor")),
    ).to.equal(true);
    expect(lines.filter((line) => line.startsWith('roll,'))).to.have.length(1);
    expect(text).to.not.match(/(^|,)[=+@]/m);
    const other = await get(`/users/${user.dni}/export`, admin, { accept: 'text/csv; separator=semicolon' });
    expect(other.body).to.include('part;revision;type');
  });

  it('of a user who was removed, and whose DNI another user has now, is found by the subject', async () => {
    const former = await aUser(running().service, { nombre: 'Former' });
    expect((await post('/users/delete', { dni: former.dni })).status).to.equal(200);
    const present = await aUser(running().service, { nombre: 'Present', dni: former.dni });
    const subjectOf = async (name: string): Promise<string> =>
      ((await get(`/users/${name}/export`)).body as Exported).subject;
    expect(await subjectOf(former.dni)).to.equal(`user-${present.IdUsuario}`);
    expect(await subjectOf(`user-${former.IdUsuario}`)).to.equal(`user-${former.IdUsuario}`);
    expect((await get('/users/user-999999/export')).status).to.equal(404);
  });

  it('leaves a log line with who exported whom, and no personal data', async () => {
    await get(`/users/${user.dni}/export`, tokenOf('dpo', 'the-dpo'));
    const line = running()
      .logLines.map((one) => JSON.parse(one) as Record<string, unknown>)
      .findLast(({ msg }) => msg === 'person exported');
    expect(line).to.include({ account: 'the-dpo', subject: `user-${user.IdUsuario}` });
    expect(JSON.stringify(line)).to.not.include(user.dni);
  });

  it('is 410 about a person who was erased', async () => {
    const erased = await aPersona(running().service);
    const stream = `persona-${erased.id}`;
    const last = await lastEventOf(store, stream);
    const end = newEvent(
      randomUUID(),
      { type: 'SubjectErased', data: { erasure: randomUUID(), key: 'k'.repeat(22), reason: 'asked' } },
      systemOrigin(randomUUID()),
      new Date().toISOString(),
    );
    await store.append([{ stream, expected: last?.revision ?? -1, events: [end] }]);
    const { status, headers } = await get(`/api/personas/${erased.id}/export`);
    expect({ status, code: headers['problem-code'] }).to.deep.equal({ status: 410, code: 'erased' });
  });
});
