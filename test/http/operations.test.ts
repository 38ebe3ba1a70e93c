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

  it('is ready when every view has caught up', async () => {
    const answer = await eventually('no view is catching up any more', async () => {
      const { status, body } = await running().send('GET', '/health/ready');
      expect(status).to.equal(200);
      return !JSON.stringify(body).includes('catching-up') && body;
    });
    const views = ['personas', 'users', 'history'].map((name) => ({ name, state: 'live', lagSeconds: 0 }));
    const { eventLoop, ...rest } = answer as { eventLoop: { longestStallMs: number } };
    expect(rest).to.deep.equal({ status: 'ready', views });
    expect(eventLoop.longestStallMs).to.be.at.least(0);
  });

  it('is degraded, with 200, when a view is behind, and the metric shows by how much', async () => {
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

  it('is degraded, with 200, without an event store, and writes are unavailable', async () => {
    trouble.reads = 'out of reach';
    const away = await eventually('the outage is known', async () => {
      const { status, body } = await running().send('GET', '/health/ready');
      expect(status).to.equal(200);
      return 'writes' in (body as object) && body;
    });
    const { body: metrics } = await running().send('GET', '/metrics');
    trouble.reads = 'work';
    expect(away).to.include({ status: 'degraded', writes: 'unavailable' }).and.not.to.have.property('lists');
    const [{ store, since }] = (away as { away: [{ store: string; since: string }] }).away;
    expect(store).to.equal('event store');
    expect(metrics)
      .to.contain('padron_store_up{store="event store"} 0')
      .and.to.contain('padron_store_up{store="read model"} 1')
      .and.to.contain(`padron_store_away_since_seconds{store="event store"} ${Date.parse(since) / 1_000}`);
    await eventually('the store is back', async () => {
      const { body } = await running().send('GET', '/health/ready');
      return (body as { status: string }).status === 'ready';
    });
    const { body: after } = await running().send('GET', '/metrics');
    expect(after)
      .to.contain('padron_store_up{store="event store"} 1')
      .and.not.to.contain('since_seconds{store');
  });

  it('reports a stall of the event loop in its health, its metrics and its log', async () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    const stall = await eventually('the stall is known', async () => {
      const { body } = await running().send('GET', '/health/ready');
      const { eventLoop } = body as { eventLoop: { longestStallMs: number } };
      return eventLoop.longestStallMs >= 250 && eventLoop;
    });
    const { body: metrics } = await running().send('GET', '/metrics');
    const seconds = /^padron_event_loop_longest_stall_seconds ([\d.]+)$/m.exec(String(metrics))?.[1];
    expect(Number(seconds)).to.be.at.least(stall.longestStallMs / 1_000 - 0.001);
    expect(running().logLines.join('')).to.contain('the event loop stalled');
  });

  it('has metrics by route template, never by path', async () => {
    await running().send('GET', '/users/12345678Z', { token: tokenOf('admin') });
    const { body, headers } = await running().send('GET', '/metrics');
    expect(headers['content-type']).to.contain('text/plain');
    expect(body).to.contain('route="/users/:dni"').and.not.contain('12345678Z');
  });
});
