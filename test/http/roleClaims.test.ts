import { expect } from 'chai';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenWith } from '../support/tokens.ts';

describe('The role of a token', () => {
  const running = serviceForTests();
  let sub: string;

  before(async () => {
    ({ cuenta: sub } = await aPersona(running().service));
  });

  const statusWith = async (claims: object): Promise<number> =>
    (await running().send('GET', '/api/personas/me', { token: tokenWith({ sub, ...claims }) })).status;

  it('is any of the claims role, rol, categoria and roles[]', async () => {
    for (const claims of [{ role: 'asistente' }, { rol: 'asistente' }, { categoria: 'asistente' }]) {
      expect(await statusWith(claims)).to.equal(200);
    }
    expect(await statusWith({ roles: ['socio', 'asistente'] })).to.equal(200);
    expect(await statusWith({ role: 'socio', rol: 'monitor', categoria: 'asistente' })).to.equal(200);
    expect(await statusWith({ role: 'socio', roles: ['admin'] })).to.equal(200);
  });

  it('is compared trimmed and in lower case, and administrador is admin', async () => {
    for (const role of [' Asistente ', 'ADMIN', 'administrador', ' Administrador']) {
      expect(await statusWith({ role }), role).to.equal(200);
    }
  });

  it('is missing if the claim is not a text (403)', async () => {
    for (const role of [null, 1, true, { admin: true }, ['admin']]) {
      expect(await statusWith({ role }), JSON.stringify(role)).to.equal(403);
    }
    expect(await statusWith({ roles: [] })).to.equal(403);
  });

  it('is missing without a role claim and an e-mail (403)', async () => {
    expect(await statusWith({})).to.equal(403);
  });

  it('is recorded with the account: of several roles, the one that admitted the request', async () => {
    const token = tokenWith({ sub, roles: ['monitor', 'asistente'] });
    const { stored } = await running().storedBy(() =>
      running().send('PUT', '/api/personas/me', { token, body: { telefono: '1' } }),
    );
    expect(stored[0]?.metadata.actor).to.deep.equal({ account: sub, role: 'asistente' });
  });
});
