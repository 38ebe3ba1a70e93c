import { expect } from 'chai';
import { ROLES } from '../../src/domain/roles.ts';
import { aPersona, aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const TRIED = [...ROLES, 'socio', ''];

/** The contract's table of section 1, for the routes that there are. */
const TABLE: [method: string, path: string, allowed: string[]][] = [
  ['GET', '/api/personas/me', ['admin', 'asistente']],
  ['PUT', '/api/personas/me', ['admin', 'asistente']],
  ['POST', '/api/personas', ['admin']],
  ['GET', '/api/personas', ['admin']],
  ['GET', '/api/personas/1', ['admin']],
  ['POST', '/users/edit', ['admin', 'monitor']],
  ['POST', '/users', ['admin', 'monitor']],
  ['POST', '/users/delete', ['admin', 'monitor']],
  ['GET', '/users', ['admin', 'monitor']],
  ['GET', '/users/R0LES', ['admin', 'monitor']],
];

describe('Roles', () => {
  const running = serviceForTests();

  before(async () => {
    await aPersona(running().service, { cuenta: 'somebody' });
    await aUser(running().service, { dni: 'R0LES' });
  });

  for (const [method, path, allowed] of TABLE) {
    it(`admit only ${allowed.join(' and ')} to ${method} ${path}`, async () => {
      for (const role of TRIED) {
        // A body that no write accepts: who gets past the roles is told about it.
        const body = method === 'GET' ? undefined : { unknown: true };
        const call = { token: tokenOf(role, 'somebody'), ...(body ? { body } : {}) };
        const { status } = await running().send(method, path, call);
        const expected = allowed.includes(role) ? (method === 'GET' ? 200 : 400) : 403;
        expect(status, role).to.equal(expected);
      }
      expect((await running().send(method, path)).status, 'no token').to.equal(401);
    });
  }

  it('are exactly those that some route admits', async () => {
    const { body } = await running().send('GET', '/openapi.json');
    const named = [...JSON.stringify(body).matchAll(/"Roles: ([a-z, ]+)\."/g)];
    const open = named.flatMap(([, names = '']) => names.split(', '));
    expect([...new Set(open)]).to.have.members([...ROLES]);
  });

  for (const path of ['/health/live', '/health/ready', '/metrics', '/openapi.json']) {
    it(`are not needed for ${path}`, async () => {
      expect((await running().send('GET', path)).status).to.equal(200);
      expect((await running().send('GET', path, { token: 'bad' })).status).to.equal(200);
    });
  }
});
