import { expect } from 'chai';
import type { Job } from '../../src/projections/record/viewRecord.ts';
import { eventually } from '../support/eventually.ts';
import { openEventStream, type EventStream } from '../support/eventStream.ts';
import { fillGate } from '../support/fillGate.ts';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf, tokenWith } from '../support/tokens.ts';

const token = tokenOf('admin');

describe('GET /admin/jobs/:id/events', () => {
  const gate = fillGate();
  const streams: EventStream[] = [];
  let running: TestService;
  let stopped: boolean;

  beforeEach(async () => {
    gate.open();
    stopped = false;
    running = await startTestService({ aroundFill: gate.around, leewaySeconds: 0 });
    await aPersona(running.service);
    gate.close();
  });
  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.close();
    gate.open();
    if (!stopped) await running.stop();
  });

  async function aRebuild(): Promise<string> {
    const { body } = await running.send('POST', '/admin/projections/personas/rebuild', { token });
    return (body as Job).id;
  }
  async function watch(id: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const stream = await openEventStream(`${running.service.url}/admin/jobs/${id}/events`, token, headers);
    streams.push(stream);
    return stream;
  }
  const shown = async (id: string): Promise<unknown> =>
    (await running.send('GET', `/admin/jobs/${id}`, { token })).body;

  it('sends the job at once and after each change, and ends when the job has ended', async () => {
    const id = await aRebuild();
    const stream = await watch(id);
    expect(stream.status).to.equal(200);
    expect(stream.headers.get('content-type')).to.equal('text/event-stream; charset=utf-8');
    expect(stream.headers.get('cache-control')).to.equal('no-store');
    expect(stream.headers.get('x-accel-buffering')).to.equal('no');
    const first = await stream.next();
    expect(first).to.include({ event: 'job' });
    expect(first?.data).to.deep.equal(await shown(id));
    await running.service.jobs.pause(id);
    expect((await stream.next())?.data).to.include({ id, state: 'paused' });
    await running.service.jobs.resume(id);
    expect((await stream.next())?.data).to.include({ id, state: 'running' });
    gate.open();
    let last: unknown = null;
    for (let one = await stream.next(); one; one = await stream.next()) last = one.data;
    expect(last).to.include({ state: 'done', share: 1 });
    expect(last).to.deep.equal(await shown(id));
  });

  it('sends the current state to a client that reconnects, or 204 if the client has the final state', async () => {
    const id = await aRebuild();
    const first = await (await watch(id)).next();
    const again = await watch(id, { 'last-event-id': first?.id ?? '' });
    expect((await again.next())?.data).to.include({ state: 'running' });
    await running.service.jobs.cancel(id);
    const last = await again.next();
    expect(last?.data).to.include({ state: 'cancelled' });
    const late = await watch(id, { 'last-event-id': first?.id ?? '' });
    expect(await late.next()).to.deep.equal(last);
    expect(await late.next()).to.equal(null);
    const path = `/admin/jobs/${id}/events`;
    const headers = { 'last-event-id': last?.id ?? '' };
    expect(await running.send('GET', path, { token, headers })).to.include({ status: 204, body: '' });
  });

  it('answers with a problem before the stream begins: 401, 403, 404', async () => {
    const id = await aRebuild();
    const path = `/admin/jobs/${id}/events`;
    expect((await running.send('GET', path)).status).to.equal(401);
    expect((await running.send('GET', path, { token: tokenOf('monitor') })).status).to.equal(403);
    const unknown = await running.send('GET', '/admin/jobs/personas-v3-99/events', { token });
    expect(unknown.body).to.include({ status: 404, code: 'not-found' });
  });

  it('ends when the token expires; reconnecting with it is refused (401)', async () => {
    const id = await aRebuild();
    const expiring = tokenWith({ sub: 'admin', role: 'admin' }, { expiresIn: '2s' });
    const stream = await openEventStream(`${running.service.url}/admin/jobs/${id}/events`, expiring);
    streams.push(stream);
    expect((await stream.next())?.data).to.include({ state: 'running' });
    expect(await stream.next()).to.equal(null);
    const { status } = await running.send('GET', `/admin/jobs/${id}`, { token: expiring });
    expect(status).to.equal(401);
    expect(await shown(id)).to.include({ state: 'running' });
  });

  it('ends when the caller loses the role, even with the same token', async () => {
    const user = await aUser(running.service, { categoria: 'admin' });
    const id = await aRebuild();
    const url = `${running.service.url}/admin/jobs/${id}/events`;
    const theirs = tokenWith({ sub: user.IdUsuario, email: user.email }, { expiresIn: '1h' });
    const stream = await openEventStream(url, theirs);
    streams.push(stream);
    expect((await stream.next())?.data).to.include({ state: 'running' });
    const body = editOf(user, { categoria: 'socio' });
    await running.send('POST', '/users/edit', { token, body });
    expect(await stream.next()).to.equal(null);
    expect(await shown(id)).to.include({ state: 'running' });
  });

  it('answers HEAD with headers and no stream', async () => {
    const id = await aRebuild();
    const { status, headers, body } = await running.send('HEAD', `/admin/jobs/${id}/events`, { token });
    expect({ status, body }).to.deep.equal({ status: 200, body: '' });
    expect(headers['content-type']).to.equal('text/event-stream; charset=utf-8');
  });

  it('ends when the server stops, without waiting for the job', async () => {
    const id = await aRebuild();
    const stream = await watch(id);
    await stream.next();
    const start = performance.now();
    const stopping = running.stop();
    stopped = true;
    expect(await stream.next()).to.equal(null);
    await stopping;
    expect(performance.now() - start).to.be.lessThan(5_000);
  });

  it('stops polling the job when the client disconnects', async () => {
    const id = await aRebuild();
    const stream = await watch(id);
    await stream.next();
    let looks = 0;
    const { get } = running.service.jobs;
    running.service.jobs.get = (one) => {
      looks += 1;
      return get(one);
    };
    await eventually('the job is looked at', () => looks > 0);
    stream.close();
    await new Promise((resolve) => setTimeout(resolve, 700));
    const then = looks;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(looks).to.equal(then);
  });

  it('is measured as a request until the stream begins, not until it ends', async () => {
    const id = await aRebuild();
    const stream = await watch(id);
    await stream.next();
    await running.service.jobs.pause(id);
    await stream.next();
    await running.service.jobs.cancel(id);
    while (await stream.next());
    const { body } = await running.send('GET', '/metrics');
    const sum =
      /^padron_http_request_seconds_sum\{method="GET",route="\/admin\/jobs\/:id\/events",status="200"\} (\S+)/m;
    expect(Number(sum.exec(String(body))?.[1])).to.be.lessThan(0.5);
    const line = running.logLines.find((one) => one.includes('"route":"/admin/jobs/:id/events"'));
    expect((JSON.parse(line ?? '{}') as { ms: number }).ms).to.be.lessThan(500);
  });
});
