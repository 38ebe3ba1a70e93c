import { expect } from 'chai';
import type { Answer } from '../support/client.ts';
import { aPersona, aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

interface Page {
  users: { IdUsuario: number; nombre: string }[];
  next: string | null;
}

describe('GET /users', () => {
  const running = serviceForTests();
  const token = tokenOf('admin');
  let ids: number[];

  before(async () => {
    const names = ['Ana', 'Begoña', 'Íñigo', 'José Ángel', 'Lluís', 'Zoë', '100%_seguro'];
    const users = await Promise.all(
      names.map((nombre, index) =>
        aUser(running().service, { nombre, apellidos: 'García Pérez', email: `u${index}@example.com` }),
      ),
    );
    ids = users.map(({ IdUsuario }) => IdUsuario).sort((a, b) => a - b);
  });

  /** Waits for everything that is stored: a list is as new as the view. */
  async function get(path: string): Promise<Answer> {
    const head = (await running().events()).at(-1)?.position;
    return running().send('GET', path, { token, headers: { 'x-padron-position': String(head) } });
  }
  const page = async (query: string): Promise<Page> => (await get(`/users${query}`)).body as Page;
  const names = async (q: string): Promise<string[]> =>
    (await page(`?q=${encodeURIComponent(q)}`)).users.map(({ nombre }) => nombre);

  it('lists users by id, without credentials', async () => {
    const { users, next } = await page('');
    expect(users.map(({ IdUsuario }) => IdUsuario)).to.deep.equal(ids);
    expect(next).to.equal(null);
    expect(users[0]).to.not.have.any.keys('password', 'verificationCode', 'verificationExpires');
  });

  it('returns each user once in pages of any size', async () => {
    for (const limit of [1, 2, 3, 7, 1_000]) {
      const seen: number[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { users, next }: Page = await page(`?limit=${limit}${cursor && `&cursor=${cursor}`}`);
        expect(users.length).to.be.at.most(limit);
        seen.push(...users.map(({ IdUsuario }) => IdUsuario));
        cursor = next;
      }
      expect(seen, `pages of ${limit}`).to.deep.equal(ids);
    }
  });

  it('links to the next page with all other parameters of the request', async () => {
    const { headers, body } = await get('/users?limit=2&q=garc%C3%ADa');
    const { next } = body as Page;
    const link = /^<([^>]+)>; rel="next"$/.exec(String(headers['link']))?.[1] ?? '';
    expect(link).to.equal(`/users?limit=2&q=garc%C3%ADa&cursor=${String(next)}`);
    const second = ((await get(link)).body as Page).users.map(({ IdUsuario }) => IdUsuario);
    expect(second).to.deep.equal(ids.slice(2, 4));
    expect((await get('/users')).headers).to.not.have.property('link');
  });

  it('accepts a cursor only as it was issued', async () => {
    const { next } = await page('?limit=2');
    const text = Buffer.from(next ?? '', 'base64url').toString();
    const others = [`${next}=`, `${next}==`, Buffer.from(`${text} `), Buffer.from(text.replace(':', ':0'))];
    for (const other of others) {
      const cursor = typeof other === 'string' ? other : other.toString('base64url');
      expect((await get(`/users?cursor=${encodeURIComponent(cursor)}`)).status, cursor).to.equal(400);
    }
  });

  it('does not skip or repeat a user when another one is removed between pages', async () => {
    const leaver = await aUser(running().service, { nombre: 'Leaver' });
    const first = await page('?limit=2');
    await running().send('POST', '/users/delete', { token, body: { dni: leaver.dni } });
    const rest = await page(`?limit=1000&cursor=${first.next ?? ''}`);
    const seen = [...first.users, ...rest.users].map(({ IdUsuario }) => IdUsuario);
    expect(seen).to.deep.equal(ids);
  });

  it('finds users by words of names, DNI and e-mail, regardless of case and accents', async () => {
    expect(await names('INIGO')).to.deep.equal(['Íñigo']);
    expect(await names('angel jose')).to.deep.equal(['José Ángel']);
    expect(await names('u2@example')).to.deep.equal(['Íñigo']);
    expect(await names('garcia')).to.have.lengthOf(7);
    expect(await names('garcia nobody')).to.deep.equal([]);
  });

  it('treats the words of a search literally, not as patterns', async () => {
    expect(await names('100%_')).to.deep.equal(['100%_seguro']);
    for (const q of ['%', '_', '*', "'", '"', '\\', '.*', '\u0000', '{"$ne":null}']) {
      const expected = '100%_seguro'.includes(q) ? ['100%_seguro'] : [];
      expect(await names(q), JSON.stringify(q)).to.deep.equal(expected);
    }
  });

  it('refuses invalid parameters, all at once and by name (400)', async () => {
    const { status, body } = await get('/users?limit=0&cursor=xyz&page=2');
    expect({ status, body }).to.deep.equal({
      status: 400,
      body: {
        message: [
          'property page should not exist',
          'limit must not be less than 1',
          'cursor must be the next of a page of the same query',
        ],
        error: 'Bad Request',
        statusCode: 400,
      },
    });
    const bad = [
      'limit=1001',
      'limit=1.5',
      'limit=-1',
      'limit=',
      'limit=1&limit=2',
      'cursor=YWZ0ZXI6LTE',
      `q=${'x'.repeat(201)}`,
    ];
    for (const query of bad) expect((await get(`/users?${query}`)).status, query).to.equal(400);
  });
});

describe('GET /api/personas', () => {
  const running = serviceForTests();
  const token = tokenOf('admin');

  it('lists persons by id in pages, and finds them', async () => {
    const persons = [];
    for (const nombres of ['Ana', 'Eva', 'Noé']) persons.push(await aPersona(running().service, { nombres }));
    const head = String((await running().events()).at(-1)?.position);
    const get = (query: string) =>
      running().send('GET', `/api/personas${query}`, { token, headers: { 'x-padron-position': head } });
    const first = (await get('?limit=2')).body as { personas: { id: number }[]; next: string };
    expect(first.personas.map(({ id }) => id)).to.deep.equal(persons.slice(0, 2).map(({ id }) => id));
    const { cuenta: _, ...shown } = persons[2]!;
    expect((await get(`?limit=2&cursor=${first.next}`)).body).to.deep.equal({
      personas: [shown],
      next: null,
    });
    expect((await get('?q=noe')).body).to.deep.equal({ personas: [shown], next: null });
  });

  it('refuses invalid parameters in the error format of its prefix (400)', async () => {
    const { body } = await running().send('GET', '/api/personas?limit=x&unknown=1', { token });
    expect(body).to.deep.equal({
      message: 'Error al consultar personas',
      errors: [
        { path: '/unknown', message: 'no está permitido' },
        { path: '/limit', message: 'debe ser un número entero' },
      ],
    });
  });
});
