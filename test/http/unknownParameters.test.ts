import { expect } from 'chai';
import type { Client } from '../support/client.ts';
import { aPersona, aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

interface Operation {
  parameters: { name: string; in: string; schema: { type?: string } }[];
  requestBody?: { content: object };
}

/** Every operation, with a path and a call that fit it but for its parameters. */
async function operationsOf({ send }: Pick<Client, 'send'>, token: string) {
  const { body } = await send('GET', '/openapi.json');
  const { paths } = body as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, { parameters, requestBody }]) => {
      const [type = ''] = Object.keys(requestBody?.content ?? {});
      return {
        what: `${method} ${template}`,
        method: method.toUpperCase(),
        path: template.replace(/\{\w+\}/g, '1'),
        parameters,
        call: { token, ...(requestBody ? { body: {}, headers: { 'content-type': type } } : {}) },
      };
    }),
  );
}

describe('A query of more than a hundred parameters', () => {
  const running = serviceForTests();

  it('is refused as a whole on every route, without a token, and names nothing of it', async () => {
    for (const query of ['nonsense&'.repeat(101), `q=1${'&'.repeat(100)}`]) {
      for (const path of ['/health/live', '/users', '/audit']) {
        const { status, body, headers } = await running().send('GET', `${path}?${query}`);
        expect(status, path).to.equal(400);
        expect(headers['problem-code'], path).to.equal('malformed');
        expect(headers['connection'], path).to.equal('close');
        expect(JSON.stringify(body), path).to.contain('at most 100 parameters').and.not.contain('nonsense');
      }
    }
  });

  it('is refused without being parsed', async function () {
    this.timeout(10_000); // 0.3 s; 12 s where every name reads all values again
    for (let times = 0; times < 30; times += 1) {
      const { status } = await running().send('GET', `/health/live?${'a&'.repeat(7_500)}`);
      expect(status).to.equal(400);
    }
  });
});

describe('A query parameter that a route does not have', () => {
  const running = serviceForTests();
  const token = tokenOf('admin');

  it('is refused by its name on every route', async () => {
    for (const { what, method, path, call } of await operationsOf(running(), token)) {
      const answer = await running().send(method, `${path}?nonsense=1`, call);
      expect(answer.status, what).to.equal(400);
      expect(answer.headers['problem-code'], what).to.equal('invalid');
      expect(JSON.stringify(answer.body), what).to.contain('nonsense');
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

  it('is named with all others of at most a hundred parameters', async () => {
    const query = Array.from({ length: 100 }, (_, n) => `nonsense${n}`).join('&');
    for (const path of ['/health/live', '/users', '/audit', '/api/personas']) {
      const { status, body } = await running().send('GET', `${path}?${query}`, { token });
      expect(status, path).to.equal(400);
      expect(JSON.stringify(body).match(/should not exist|no está permitido/g), path).to.have.lengthOf(100);
    }
  });

  it('never turns a question about the past into one about the present', async () => {
    const { dni } = await aUser(running().service);
    const { id } = await aPersona(running().service);
    for (const path of [`/users/${dni}?revison=0`, `/api/personas/${id}?AT=2024-01-01`, `/users/${dni}?=0`]) {
      expect((await running().send('GET', path, { token })).status, path).to.equal(400);
    }
  });
});

describe('A query parameter that is given twice', () => {
  const running = serviceForTests();
  const token = tokenOf('admin');

  it('is refused by its name on every route, with what is wrong with it', async () => {
    for (const { what, method, path, parameters, call } of await operationsOf(running(), token)) {
      const single = parameters.filter((one) => one.in === 'query' && one.schema.type !== 'array');
      for (const { name } of single) {
        const answer = await running().send(method, `${path}?${name}=1&${name}=1`, call);
        expect(answer.status, what).to.equal(400);
        expect(answer.headers['problem-code'], what).to.equal('invalid');
        expect(JSON.stringify(answer.body), `${what} ${name}`)
          .to.match(/must be given only once|no puede repetirse/)
          .and.to.contain(name);
      }
    }
  });

  it('is reported once, together with what is wrong with others', async () => {
    const { body } = await running().send('GET', '/users?limit=1&limit=2&socio=x', { token });
    expect(body)
      .to.have.property('message')
      .that.deep.equals([
        'limit must be given only once',
        'socio must be one of the following values: 0, 1, Socio, NoSocio',
      ]);
  });

  it('may be one that names a list: the headings of an import', async () => {
    const answer = await running().send('POST', '/imports?dryRun=true&kind=personas&map=A=dni&map=B=cuenta', {
      token,
      body: 'nombres,apellidos,A,B\nAna,Gil,1A,ana\n',
      headers: { 'content-type': 'text/csv' },
    });
    expect(answer.status).to.equal(200);
    expect(answer.body).to.have.property('counts').that.includes({ imported: 1, refused: 0 });
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

describe('A malformed parameter or header', () => {
  const running = serviceForTests();
  const token = tokenOf('admin');

  it('is answered with what it must be', async () => {
    const textOf = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
      const { status, body } = await running().send('GET', path, { token, headers });
      expect(status, path).to.equal(400);
      return JSON.stringify(body);
    };
    expect(await textOf('/audit?actor=')).to.contain('actor must be an account of 1 to 1000 characters');
    expect(await textOf('/audit?correlation=a%20b')).to.contain('correlation must have 1 to 128 characters');
    const position = { 'x-padron-position': '-1' };
    expect(await textOf('/audit', position)).to.contain('must be the X-Padron-Position of an answer');
    expect(await textOf('/api/personas/1', position)).to.contain('debe ser la X-Padron-Position');
    const list = { token, headers: { 'content-type': 'text/csv' }, body: '' };
    const { body } = await running().send('POST', '/imports?map=x', list);
    expect(JSON.stringify(body)).to.contain('map must be a heading and a member');
  });
});
