import { expect } from 'chai';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** Every route of the third door; the ids are nobody's, so that an admin is told 404 where there is one. */
const ROUTES: [method: string, path: string][] = [
  ['GET', '/admin/projections'],
  ['POST', '/admin/projections/nobody/rebuild'],
  ['POST', '/admin/projections/nobody/rollback'],
  ['GET', '/admin/jobs'],
  ['GET', '/admin/jobs/nobody'],
  ['GET', '/admin/jobs/nobody/events'],
  ['POST', '/admin/jobs/nobody/pause'],
  ['POST', '/admin/jobs/nobody/resume'],
  ['DELETE', '/admin/jobs/nobody'],
  ['POST', '/admin/verify'],
  ['GET', '/admin/parked'],
  ['POST', '/admin/parked/nobody/retry'],
  ['POST', '/admin/parked/nobody/skip'],
];

describe('The /admin routes', () => {
  const running = serviceForTests();

  for (const [method, path] of ROUTES) {
    it(`are for admin only: ${method} ${path}`, async () => {
      const body = path.endsWith('skip') ? { reason: 'why' } : undefined;
      const call = body ? { body } : {};
      const anonymous = await running().send(method, path, call);
      expect(anonymous.body).to.include({ status: 401, code: 'unauthorized' });
      expect(anonymous.headers['content-type']).to.contain('application/problem+json');
      for (const role of ['asistente', 'monitor', 'auditor', 'socio', '']) {
        const refused = await running().send(method, path, { ...call, token: tokenOf(role, 'somebody') });
        expect(refused.body, role).to.deep.equal({
          type: 'about:blank',
          title: 'Forbidden',
          status: 403,
          code: 'forbidden',
        });
      }
      const { status } = await running().send(method, path, { ...call, token: tokenOf('admin') });
      expect(status).to.equal(path.includes('nobody') ? 404 : method === 'POST' ? 202 : 200);
    });

    it(`accept no other method: ${path}`, async () => {
      const { status, headers } = await running().send('PUT', path);
      expect(status).to.equal(405);
      expect(headers['allow']).to.contain(method);
    });
  }
});
