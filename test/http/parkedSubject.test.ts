import { expect } from 'chai';
import { VIEWS } from '../../src/projections/views/allViews.ts';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const { personas } = VIEWS;

/** A view that cannot show anybody with this telephone. */
const faulty = {
  ...VIEWS,
  personas: {
    ...personas,
    searchTextOf(body: Parameters<typeof personas.searchTextOf>[0]) {
      if (body.telefono === '666') throw new TypeError('too much');
      return personas.searchTextOf(body);
    },
  },
};

describe('A person whose last event the view cannot apply', () => {
  const current = serviceForTests({ views: faulty });

  it('is shown in the last good state, marked as behind, alone and in a page', async () => {
    const { service, send } = current();
    const person = await aPersona(service);
    const other = await aPersona(service);
    const written = await send('PUT', '/api/personas/me', {
      token: tokenOf('asistente', person.cuenta),
      body: { telefono: '666' },
    });
    expect(written.status).to.equal(200);
    const position = String(written.headers['x-padron-position']);
    const headers = { 'x-padron-position': position };
    const token = tokenOf('admin');

    const page = await send('GET', '/api/personas', { token, headers });
    expect(page.headers['x-padron-behind']).to.equal('true');
    const shown = await send('GET', `/api/personas/${person.id}`, { token, headers });
    expect(shown.status).to.equal(200);
    expect(shown.headers['x-padron-behind']).to.equal('true');
    expect(shown.headers.etag).to.equal(`"${person.id}.0"`);
    expect((shown.body as { telefono: string }).telefono).to.equal(person.telefono);

    const unharmed = await send('GET', `/api/personas/${other.id}`, { token, headers });
    expect(unharmed.headers).not.to.have.property('x-padron-behind');
  });
});
