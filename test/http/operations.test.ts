import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { failingStore, type Trouble } from '../support/failingStore.ts';
import { laggingReadModel } from '../support/laggingReadModel.ts';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('The health of a service', () => {
  const trouble: Trouble = { appends: 'work', reads: 'work' };
  const { gate, around } = laggingReadModel();
  let ahead = 0;
  const running = serviceForTests({
    aroundReadModel: around,
    aroundStore: (store) => failingStore(store, trouble),
    clock: {
      now: () => new Date(Date.now() + ahead).toISOString(),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
  });
  after(gate.release);

  it('is ready when every view is level', async () => {
    const answer = await eventually('no view is catching up any more', async () => {
      const { status, body } = await running().send('GET', '/health/ready');
      expect(status).to.equal(200);
      return !JSON.stringify(body).includes('catching-up') && body;
    });
    const views = ['personas', 'users', 'history'].map((name) => ({ name, state: 'live', lagSeconds: 0 }));
    expect(answer).to.deep.equal({ status: 'ready', views });
  });

  it('is degraded, in a 200, when a view is behind, and the metric tells by how much', async () => {
    gate.hold();
    await aPersona(running().service);
    ahead = 60_000;
    const { status, body } = await running().send('GET', '/health/ready');
    const { body: metrics } = await running().send('GET', '/metrics');
    gate.release();
    ahead = 0;
    expect(status).to.equal(200);
    expect(body).to.include({ status: 'degraded' });
    const lag = /padron_projection_lag_seconds\{view="personas"\} ([\d.]+)/.exec(String(metrics));
    expect(Number(lag?.[1])).to.be.greaterThan(50);
  });

  it('is 503 without an event store, as a problem with a code', async () => {
    trouble.reads = 'out of reach';
    const { status, body, headers } = await running().send('GET', '/health/ready');
    trouble.reads = 'work';
    expect(status).to.equal(503);
    expect(body).to.deep.include({ status: 503, code: 'unavailable' });
    expect(headers['content-type']).to.contain('application/problem+json');
  });

  it('has metrics by the template of the route, never by its path', async () => {
    await running().send('GET', '/users/12345678Z', { token: tokenOf('admin') });
    const { body, headers } = await running().send('GET', '/metrics');
    expect(headers['content-type']).to.contain('text/plain');
    expect(body).to.contain('route="/users/:dni"').and.not.contain('12345678Z');
  });
});
