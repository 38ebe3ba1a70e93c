import { expect } from 'chai';
import { aUser, editOf, userBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const NOT_FOUND = { status: 500, body: { statusCode: 500, message: 'User not found' } };

describe('POST /users/delete', () => {
  const running = serviceForTests();
  const token = tokenOf('monitor');
  const remove = (dni: string) =>
    running().storedBy(() => running().send('POST', '/users/delete', { token, body: { dni } }));

  it('answers success; the user is absent from every later read and edit', async () => {
    const user = await aUser(running().service);
    const { answer, stored } = await remove(` ${user.dni.toLowerCase()}`);
    expect({ status: answer.status, body: answer.body }).to.deep.equal({
      status: 200,
      body: { success: true },
    });
    expect(stored.map(({ stream, type, data }) => ({ stream, type, data }))).to.deep.equal([
      { stream: `user-${user.IdUsuario}`, type: 'UserRemoved', data: {} },
    ]);
    expect((await running().send('GET', `/users/${user.dni}`, { token })).status).to.equal(404);
    const edit = await running().send('POST', '/users/edit', { token, body: editOf(user) });
    expect({ status: edit.status, body: edit.body }).to.deep.equal(NOT_FOUND);
    const headers = { 'x-padron-position': String(answer.headers['x-padron-position']) };
    const list = await running().send('GET', `/users?q=${user.dni}`, { token, headers });
    expect(list.body).to.deep.equal({ users: [], next: null });
  });

  it('answers for an unknown or removed DNI as edit does', async () => {
    const user = await aUser(running().service);
    await remove(user.dni);
    for (const dni of [user.dni, 'unknown']) {
      const { answer, stored } = await remove(dni);
      expect({ status: answer.status, body: answer.body }).to.deep.equal(NOT_FOUND);
      expect(stored).to.deep.equal([]);
    }
  });

  it('frees the DNI for another user with another id', async () => {
    const user = await aUser(running().service);
    await remove(user.dni);
    const again = await running().send('POST', '/users', { token, body: userBody({ dni: user.dni }) });
    expect(again.status).to.equal(201);
    const { IdUsuario } = again.body as { IdUsuario: number };
    expect(IdUsuario).to.be.greaterThan(user.IdUsuario);
    expect((await running().send('GET', `/users/${user.dni}`, { token })).body).to.include({ IdUsuario });
  });

  it('does not let a monitor remove an administrator (403), and stores nothing', async () => {
    const { dni } = await aUser(running().service, { categoria: 'Admin' });
    const { answer, stored } = await remove(dni);
    expect(answer.status).to.equal(403);
    expect(stored).to.deep.equal([]);
    const byAdmin = { token: tokenOf('admin'), body: { dni } };
    expect((await running().send('POST', '/users/delete', byAdmin)).status).to.equal(200);
  });
});
