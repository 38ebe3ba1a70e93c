import { expect } from 'chai';
import type { Answer } from '../support/client.ts';
import { aPersona, aUser, editOf, personaBody, userBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('An Idempotency-Key', () => {
  const running = serviceForTests();
  const admin = tokenOf('admin');
  let made = 0;
  const newKey = (): Record<string, string> => ({ 'idempotency-key': `key-${(made += 1)}` });
  const subjectEvents = async (): Promise<number> =>
    (await running().events()).filter(({ stream }) => /^(persona|user)-/.test(stream)).length;

  /** Sends the same request twice; answers both answers and how many events the second one brought to a subject. */
  async function twice(
    send: () => Promise<Answer>,
  ): Promise<{ first: Answer; second: Answer; added: number }> {
    const first = await send();
    const before = await subjectEvents();
    const second = await send();
    return { first, second, added: (await subjectEvents()) - before };
  }

  it('applies a profile update once and answers the repeat with the same document', async () => {
    const { cuenta } = await aPersona(running().service);
    const call = { token: tokenOf('asistente', cuenta), headers: newKey(), body: { telefono: '1' } };
    const { first, second, added } = await twice(() => running().send('PUT', '/api/personas/me', call));
    expect({ status: second.status, body: second.body, added }).to.deep.equal({
      status: 200,
      body: first.body,
      added: 0,
    });
    expect(second.headers['etag']).to.equal(first.headers['etag']);
  });

  it('answers the repeat with the current document, and does not apply it over a later change', async () => {
    const { cuenta } = await aPersona(running().service);
    const token = tokenOf('asistente', cuenta);
    const call = { token, headers: newKey(), body: { telefono: '1' } };
    await running().send('PUT', '/api/personas/me', call);
    await running().send('PUT', '/api/personas/me', { token, body: { telefono: '2' } });
    const repeat = await running().send('PUT', '/api/personas/me', call);
    expect(repeat.body).to.include({ telefono: '2' });
  });

  it('records that nothing changed: the repeat changes nothing after another change either', async () => {
    const { cuenta } = await aPersona(running().service);
    const token = tokenOf('asistente', cuenta);
    const call = { token, headers: newKey(), body: { telefono: '+1234567890' } };
    await running().send('PUT', '/api/personas/me', call);
    await running().send('PUT', '/api/personas/me', { token, body: { telefono: '2' } });
    const { second, added } = await twice(() => running().send('PUT', '/api/personas/me', call));
    expect(second.body).to.include({ telefono: '2' });
    expect(added).to.equal(0);
  });

  it('registers a person once; the repeat is 201 with the same id and Location', async () => {
    const call = { token: admin, headers: newKey(), body: personaBody() };
    const { first, second, added } = await twice(() => running().send('POST', '/api/personas', call));
    expect({ status: second.status, body: second.body, added }).to.deep.equal({
      status: 201,
      body: first.body,
      added: 0,
    });
    expect(second.headers['location']).to.equal(first.headers['location']);
  });

  it('registers a user once, whatever password the repeat contains', async () => {
    const body = userBody();
    const headers = newKey();
    const first = await running().send('POST', '/users', { token: admin, headers, body });
    const other = { ...body, password: 'another password' };
    const second = await running().send('POST', '/users', { token: admin, headers, body: other });
    expect({ status: second.status, body: second.body }).to.deep.equal({ status: 201, body: first.body });
  });

  it('makes a repeated delete succeed even if another user has the DNI by now', async () => {
    const { dni } = await aUser(running().service);
    const call = { token: admin, headers: newKey(), body: { dni } };
    await running().send('POST', '/users/delete', call);
    const next = await aUser(running().service, { dni });
    const { second, added } = await twice(() => running().send('POST', '/users/delete', call));
    expect({ status: second.status, body: second.body, added }).to.deep.equal({
      status: 200,
      body: { success: true },
      added: 0,
    });
    const read = await running().send('GET', `/users/${dni}`, { token: admin });
    expect(read.body).to.include({ IdUsuario: next.IdUsuario });
  });

  it('answers the repeat of an edit as not found if the user was removed since', async () => {
    const user = await aUser(running().service);
    const call = { token: admin, headers: newKey(), body: editOf(user, { cuota: 9 }) };
    await running().send('POST', '/users/edit', call);
    await running().send('POST', '/users/delete', { token: admin, body: { dni: user.dni } });
    const repeat = await running().send('POST', '/users/edit', call);
    expect({ status: repeat.status, body: repeat.body }).to.deep.equal({
      status: 500,
      body: { statusCode: 500, message: 'User not found' },
    });
  });

  it('answers the repeat of a registration with 404 if the user was removed since', async () => {
    const call = { token: admin, headers: newKey(), body: userBody() };
    await running().send('POST', '/users', call);
    await running().send('POST', '/users/delete', { token: admin, body: { dni: call.body.dni } });
    const repeat = await running().send('POST', '/users', call);
    expect({ status: repeat.status, body: repeat.body }).to.deep.equal({
      status: 404,
      body: { message: 'User not found', error: 'Not Found', statusCode: 404 },
    });
  });

  it('is checked before If-Match: the repeat succeeds although its ETag is outdated', async () => {
    const { cuenta, id } = await aPersona(running().service);
    const headers = { ...newKey(), 'if-match': `"${id}.0"` };
    const call = { token: tokenOf('asistente', cuenta), headers, body: { telefono: '1' } };
    const { first, second } = await twice(() => running().send('PUT', '/api/personas/me', call));
    expect([first.status, second.status]).to.deep.equal([200, 200]);
  });

  it('refuses another body or route (422)', async () => {
    const user = await aUser(running().service);
    const headers = newKey();
    const edit = (body: object) => running().send('POST', '/users/edit', { token: admin, headers, body });
    expect((await edit(editOf(user, { cuota: 1 }))).status).to.equal(200);
    expect((await edit(editOf(user, { cuota: 2 }))).status).to.equal(422);
    const remove = { token: admin, headers, body: { dni: user.dni } };
    expect((await running().send('POST', '/users/delete', remove)).status).to.equal(422);
  });

  it('accepts the same body with its members in another order or with surrounding white space', async () => {
    const user = await aUser(running().service);
    const headers = newKey();
    const body = editOf(user, { cuota: 1 });
    const reordered = Object.fromEntries(Object.entries({ ...body, nombre: ` ${body.nombre} ` }).reverse());
    await running().send('POST', '/users/edit', { token: admin, headers, body });
    const repeat = await running().send('POST', '/users/edit', { token: admin, headers, body: reordered });
    expect(repeat.status).to.equal(200);
  });

  it('is a different key for another account', async () => {
    const mine = await aPersona(running().service);
    const yours = await aPersona(running().service);
    const headers = newKey();
    for (const { cuenta, id } of [mine, yours]) {
      const call = { token: tokenOf('asistente', cuenta), headers, body: { telefono: cuenta } };
      expect((await running().send('PUT', '/api/personas/me', call)).body).to.include({
        id,
        telefono: cuenta,
      });
    }
  });
});
