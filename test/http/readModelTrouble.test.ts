import { expect } from 'chai';
import { failingReadModel } from '../support/failingReadModel.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('While the read model is unreachable', () => {
  const trouble = { isOutOfReach: false };
  const running = serviceForTests({ aroundReadModel: (one) => failingReadModel(one, trouble) });
  beforeEach(() => {
    trouble.isOutOfReach = true;
  });
  afterEach(() => {
    trouble.isOutOfReach = false;
  });

  it('the service is ready and degraded: reads and writes continue from the events', async () => {
    const { status, body } = await running().send('GET', '/health/ready');
    expect(status).to.equal(200);
    const { status: health, views } = body as { status: string; views: { name: string; state: string }[] };
    expect(health).to.equal('degraded');
    expect(views.map(({ name, state }) => [name, state])).to.deep.equal([
      ['personas', 'stalled'],
      ['users', 'stalled'],
      ['history', 'stalled'],
    ]);
  });

  it('the metrics show what is known', async () => {
    const { status, body } = await running().send('GET', '/metrics');
    expect(status).to.equal(200);
    expect(body)
      .to.contain('padron_projection_state{view="users",state="stalled"} 1')
      .and.to.contain('padron_projection_lag_seconds{view="users"}')
      .and.to.contain('padron_http_request_seconds')
      .and.not.to.match(/^padron_projection_parked\{/m);
  });

  it('the /admin routes answer 503 with a problem', async () => {
    for (const path of ['/admin/projections', '/admin/jobs', '/admin/jobs/users-v3-1', '/admin/parked']) {
      const { status, body, headers } = await running().send('GET', path, { token: tokenOf('admin') });
      expect(status, path).to.equal(503);
      expect(body).to.include({ code: 'unavailable' });
      expect(Number(headers['retry-after'])).to.be.greaterThan(0);
    }
  });
});
