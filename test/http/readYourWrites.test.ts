import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { laggingReadModel } from '../support/laggingReadModel.ts';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('While the views lag', () => {
  const { gate, around } = laggingReadModel();
  const running = serviceForTests({ aroundReadModel: around, readYourWritesMs: 30 });
  const token = tokenOf('admin');
  beforeEach(gate.hold);
  afterEach(gate.release);
  after(gate.release);

  it('the answer to a write is the document as of that write, and so is every later read', async () => {
    const { id, cuenta } = await aPersona(running().service);
    const put = await running().send('PUT', '/api/personas/me', {
      token: tokenOf('asistente', cuenta),
      body: { telefono: '42' },
    });
    expect(put.body).to.include({ telefono: '42' });
    for (const path of [`/api/personas/${id}`, '/api/personas/me']) {
      const read = await running().send('GET', path, { token: tokenOf('admin', cuenta) });
      expect(read.body, path).to.deep.equal(put.body);
      expect(read.headers['etag']).to.equal(put.headers['etag']);
    }
  });

  it('a user is read as edited, and is not found once removed', async () => {
    const user = await aUser(running().service);
    await running().send('POST', '/users/edit', { token, body: editOf(user, { cuota: 99 }) });
    expect((await running().send('GET', `/users/${user.dni}`, { token })).body).to.include({ cuota: 99 });
    await running().send('POST', '/users/delete', { token, body: { dni: user.dni } });
    expect((await running().send('GET', `/users/${user.dni}`, { token })).status).to.equal(404);
  });

  it('a list that is asked to include a write answers and is marked as behind', async () => {
    const { cuenta } = await aPersona(running().service);
    const me = { token: tokenOf('asistente', cuenta), body: { telefono: '1' } };
    const { headers: written } = await running().send('PUT', '/api/personas/me', me);
    const headers = { 'x-padron-position': String(written['x-padron-position']) };
    const behind = await running().send('GET', '/api/personas', { token, headers });
    expect(behind.status).to.equal(200);
    expect(behind.headers['x-padron-behind']).to.equal('true');
    gate.release();
    const level = await eventually('the list catches up', async () => {
      const list = await running().send('GET', '/api/personas?limit=1000', { token, headers });
      return list.headers['x-padron-behind'] === undefined && list;
    });
    const shown = (level.body as { personas: { telefono: string }[] }).personas;
    expect(shown.some(({ telefono }) => telefono === '1')).to.equal(true);
  });

  it('a list without such a demand does not wait and is not marked', async () => {
    await aPersona(running().service);
    const { headers } = await running().send('GET', '/api/personas', { token });
    expect(headers).to.not.have.property('x-padron-behind');
  });
});

describe('X-Padron-Position', () => {
  const running = serviceForTests();
  const token = tokenOf('admin');

  it('of each write makes a list wait until it shows that write', async () => {
    for (let cuota = 1; cuota <= 20; cuota += 1) {
      const user = await aUser(running().service);
      const edit = await running().send('POST', '/users/edit', { token, body: editOf(user, { cuota }) });
      const position = String(edit.headers['x-padron-position']);
      expect(position).to.match(/^\d+$/);
      const list = await running().send('GET', `/users?q=${user.dni}`, {
        token,
        headers: { 'x-padron-position': position },
      });
      expect(list.headers).to.not.have.property('x-padron-behind');
      expect(list.body).to.have.nested.property('users[0].cuota', cuota);
    }
  });

  it('beyond the log makes a list wait no longer than configured, and a document not at all', async () => {
    const { id } = await aPersona(running().service);
    const headers = { 'x-padron-position': '99999999999999999999' };
    const one = await running().send('GET', `/api/personas/${id}`, { token, headers });
    expect(one.body).to.include({ id });
    const list = await running().send('GET', '/api/personas', { token, headers });
    expect(list.headers['x-padron-behind']).to.equal('true');
  });
});
