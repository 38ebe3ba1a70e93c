import { expect } from 'chai';
import { aPersona, aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

interface Operation {
  security: unknown[];
  requestBody?: { content: object };
}

describe('A query parameter that a route does not have', () => {
  const running = serviceForTests();
  const token = tokenOf('admin');

  it('is refused by its name on every route', async () => {
    const { body } = await running().send('GET', '/openapi.json');
    const { paths } = body as { paths: Record<string, Record<string, Operation>> };
    for (const [template, operations] of Object.entries(paths)) {
      for (const [method, { requestBody }] of Object.entries(operations)) {
        const path = template.replace(/\{\w+\}/g, '1');
        const [type = ''] = Object.keys(requestBody?.content ?? {});
        const call = { token, ...(requestBody ? { body: {}, headers: { 'content-type': type } } : {}) };
        const answer = await running().send(method.toUpperCase(), `${path}?nonsense=1`, call);
        const what = `${method} ${template}`;
        expect(answer.status, what).to.equal(400);
        expect(answer.headers['problem-code'], what).to.equal('invalid');
        expect(JSON.stringify(answer.body), what).to.contain('nonsense');
      }
    }
  });

  it('is reported together with all other errors', async () => {
    const list = await running().send('GET', '/users?revison=0&limit=0', { token });
    expect(list.body)
      .to.have.property('message')
      .that.deep.equals(['property revison should not exist', 'limit must not be less than 1']);
    const audit = await running().send('GET', '/audit?x=1&order=up', { token });
    expect((audit.body as { errors: { path: string }[] }).errors.map(({ path }) => path)).to.deep.equal([
      '/x',
      '/order',
    ]);
    const edit = await running().send('POST', '/users/delete?x=1', { token, body: { dni: '' } });
    expect(edit.body)
      .to.have.property('message')
      .that.deep.equals(['property x should not exist', 'dni should not be empty']);
  });

  it('never turns a question about the past into one about the present', async () => {
    const { dni } = await aUser(running().service);
    const { id } = await aPersona(running().service);
    for (const path of [`/users/${dni}?revison=0`, `/api/personas/${id}?AT=2024-01-01`, `/users/${dni}?=0`]) {
      expect((await running().send('GET', path, { token })).status, path).to.equal(400);
    }
  });
});

describe('A header with an empty value', () => {
  const running = serviceForTests();
  const token = tokenOf('admin');

  it('is refused if it would affect the answer or the write', async () => {
    const { dni, IdUsuario } = await aUser(running().service);
    const { id } = await aPersona(running().service);
    for (const name of ['X-Padron-Position', 'If-None-Match']) {
      for (const path of [`/users/${dni}`, `/api/personas/${id}`, '/audit']) {
        const { status, body } = await running().send('GET', path, { token, headers: { [name]: '' } });
        expect(status, `${name} ${path}`).to.equal(400);
        expect(JSON.stringify(body)).to.contain(name);
      }
    }
    for (const value of ['', ' ', '\t']) {
      const call = { token, headers: { 'If-Match': value }, body: { dni } };
      expect((await running().send('POST', '/users/delete', call)).status).to.equal(400);
    }
    const still = await running().send('GET', `/users/${dni}`, { token });
    expect(still.body).to.include({ IdUsuario });
  });
});
