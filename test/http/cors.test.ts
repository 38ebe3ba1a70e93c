import { expect } from 'chai';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const ORIGIN = 'https://console.example.org';
const preflight = (origin: string, method = 'PUT'): Record<string, string> => ({
  origin,
  'access-control-request-method': method,
  'access-control-request-headers': 'authorization,content-type,if-match',
});

describe('A page of another origin (CORS)', () => {
  describe('that is allowed', () => {
    const running = serviceForTests({ limits: { corsOrigins: [ORIGIN, 'http://localhost:5173'] } });
    const token = tokenOf('admin');

    it('may ask without a token what a path accepts', async () => {
      const headers = preflight(ORIGIN);
      const answer = await running().send('OPTIONS', '/api/personas/me', { headers });
      expect(answer.status).to.equal(204);
      expect(answer.headers).to.include({
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-methods': 'GET, HEAD, PUT',
        vary: 'Origin',
      });
      const allowed = String(answer.headers['access-control-allow-headers']).toLowerCase();
      for (const name of [
        'authorization',
        'content-type',
        'if-match',
        'idempotency-key',
        'x-padron-position',
      ]) {
        expect(allowed).to.contain(name);
      }
      const one = await running().send('OPTIONS', '/users/1/revert', { headers });
      expect(one.headers['access-control-allow-methods']).to.equal('POST');
      expect(answer.headers).to.not.have.property('access-control-allow-credentials');
    });

    it('may read answers, including errors, and the headers that clients need', async () => {
      for (const path of ['/users', '/nowhere', '/health/live', '/users/12345678Z']) {
        const { headers } = await running().send('GET', path, { token, headers: { origin: ORIGIN } });
        expect(headers['access-control-allow-origin'], path).to.equal(ORIGIN);
        expect(headers['access-control-expose-headers'], path).to.match(
          /^Content-Disposition, ETag.*Problem-Code.*X-Request-Id$/,
        );
        expect(headers['vary'], path).to.match(/\bOrigin\b/);
      }
    });

    it('gets 405 like other callers for a wrong method, and for OPTIONS that ask for no method', async () => {
      const headers = { origin: ORIGIN };
      for (const method of ['OPTIONS', 'DELETE'])
        expect((await running().send(method, '/users', { token, headers })).status, method).to.equal(405);
      const asksToo = { ...headers, 'access-control-request-method': 'DELETE' };
      expect((await running().send('DELETE', '/users', { token, headers: asksToo })).status).to.equal(405);
    });

    it('gets the same answer for unknown paths as other callers', async () => {
      expect((await running().send('OPTIONS', '/nowhere', { headers: preflight(ORIGIN) })).status).to.equal(
        404,
      );
    });
  });

  const refused: [string, string[]][] = [
    ['that are not in the list', ['https://other.example.org']],
    ['where there is no list', []],
  ];
  for (const [title, corsOrigins] of refused) {
    describe(title, () => {
      const running = serviceForTests({ limits: { corsOrigins } });

      it('may neither ask nor read', async () => {
        for (const origin of [ORIGIN, `${ORIGIN}.evil.example`, 'null', 'https://CONSOLE.example.org']) {
          const asked = await running().send('OPTIONS', '/users', { headers: preflight(origin) });
          expect(asked.status).to.equal(405);
          expect(asked.headers['allow']).to.equal('GET, HEAD, POST');
          const read = await running().send('GET', '/health/live', { headers: { origin } });
          for (const { headers } of [asked, read]) {
            expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).to.deep.equal(
              [],
            );
          }
        }
      });
    });
  }
});
