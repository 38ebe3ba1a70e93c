import { expect } from 'chai';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('The security headers', () => {
  const running = serviceForTests();

  it('are on every answer, including errors', async () => {
    for (const path of ['/health/live', '/nowhere', '/users', '/api/personas/me', '/openapi.json']) {
      const { headers } = await running().send('GET', path);
      expect(headers, path).to.include({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['content-security-policy'], path).to.contain("default-src 'none'");
      expect(headers, path).to.not.have.property('x-powered-by');
    }
  });

  it("keep people's data out of caches", async () => {
    const { id } = await aPersona(running().service);
    for (const path of [`/api/personas/${id}`, '/api/personas', '/users']) {
      const { headers } = await running().send('GET', path, { token: tokenOf('admin') });
      expect(headers['cache-control'], path).to.equal('no-store');
    }
  });

  it('name the authentication scheme to a caller without a token', async () => {
    const { headers } = await running().send('GET', '/users');
    expect(headers['www-authenticate']).to.equal('Bearer');
  });
});
