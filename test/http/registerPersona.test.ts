import { expect } from 'chai';
import { aPersona, personaBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const FAILED = 'Error al registrar persona';

describe('POST /api/personas', () => {
  const running = serviceForTests();
  const token = tokenOf('admin');
  const post = (body: unknown) =>
    running().storedBy(() => running().send('POST', '/api/personas', { token, body }));

  it('answers 201 with the location and the document', async () => {
    const body = personaBody();
    const { answer, stored } = await post(body);
    const { cuenta: _, ...shown } = body;
    const { id, created_at } = answer.body as { id: number; created_at: string };
    expect(answer.status).to.equal(201);
    expect(answer.body).to.deep.equal({ id, ...shown, created_at });
    expect(answer.headers).to.include({ location: `/api/personas/${id}`, etag: `"${id}.0"` });
    expect(stored.find(({ stream }) => stream === `persona-${id}`)?.data).to.deep.equal({
      id,
      ...body,
      created_at,
    });
    const read = await running().send('GET', `/api/personas/${id}`, { token });
    expect(read.body).to.deep.equal(answer.body);
  });

  it('links the person to the account', async () => {
    const { body } = (await post(personaBody({ cuenta: 'linked' }))).answer;
    const me = await running().send('GET', '/api/personas/me', { token: tokenOf('asistente', 'linked') });
    expect(me.body).to.deep.equal(body);
  });

  it('refuses a DNI or an account of another person (409), and registers no person', async () => {
    const { dni, cuenta } = await aPersona(running().service);
    for (const [member, body] of [
      ['dni', personaBody({ dni: dni.toLowerCase() })],
      ['cuenta', personaBody({ cuenta })],
    ] as const) {
      const { answer, stored } = await post(body);
      expect({ status: answer.status, body: answer.body }).to.deep.equal({
        status: 409,
        body: { message: FAILED, errors: [{ path: `/${member}`, message: 'ya está en uso' }] },
      });
      // An id may be spent on it: gaps are fine.
      expect(stored.filter(({ type }) => type !== 'IdAllocated')).to.deep.equal([]);
    }
  });

  it('refuses an invalid body with all its errors (400), and stores nothing', async () => {
    const { answer, stored } = await post({ nombres: 'Ana', dni: '-', cuenta: ' ana', telefono: 1 });
    expect(answer.status).to.equal(400);
    const { message, errors } = answer.body as { message: string; errors: { path: string }[] };
    expect(message).to.equal(FAILED);
    const paths = errors.map(({ path }) => path).sort();
    expect(paths).to.deep.equal(['/apellidos', '/cuenta', '/dni', '/telefono']);
    expect(stored).to.deep.equal([]);
  });

  it('is not affected by the DNIs of users, which are separate', async () => {
    const { dni } = personaBody();
    const user = { token, body: { dni } };
    expect((await post(personaBody({ dni }))).answer.status).to.equal(201);
    expect((await running().send('POST', '/users/delete', user)).status).to.equal(500);
  });
});
