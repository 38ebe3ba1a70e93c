import { expect } from 'chai';
import { DEFAULT_REQUEST_LIMITS, type RequestLimits } from '../../src/http/access/limitSettings.ts';
import type { Answer } from '../support/client.ts';
import { openEventStream } from '../support/eventStream.ts';
import { fillGate } from '../support/fillGate.ts';
import { aPersona } from '../support/people.ts';
import { startTestService, type ServiceSettings, type TestService } from '../support/service.ts';
import { tokenOf, tokenWith } from '../support/tokens.ts';

describe('Rate limits', () => {
  let running: TestService | null = null;

  async function start(limits: Partial<RequestLimits>, more: ServiceSettings = {}): Promise<TestService> {
    const requests = { ...DEFAULT_REQUEST_LIMITS, ...limits };
    running = await startTestService({ ...more, limits: { ...more.limits, requests } });
    return running;
  }
  afterEach(async () => {
    await running?.stop();
    running = null;
  });

  function expectRefused({ status, headers }: Answer): void {
    expect(status).to.equal(429);
    expect(headers['problem-code']).to.equal('too-many-requests');
    expect(Number(headers['retry-after'])).to.be.within(1, 60);
  }
  const edit = (token: string, service: TestService): Promise<Answer> =>
    service.send('PUT', '/api/personas/me', { token, body: {} });

  it('on writes are counted per account and do not affect reads', async () => {
    const service = await start({ writesPerMinute: 2 });
    const [one, other] = [await aPersona(service.service), await aPersona(service.service)];
    const token = tokenOf('asistente', one.cuenta);
    expect((await edit(token, service)).status).to.equal(200);
    expect((await edit(token, service)).status).to.equal(200);
    expectRefused(await edit(token, service));
    // Another token of the same account is the same account.
    expectRefused(await edit(tokenWith({ sub: one.cuenta, rol: 'asistente' }, { expiresIn: '2h' }), service));
    expect((await edit(tokenOf('asistente', other.cuenta), service)).status).to.equal(200);
    expect((await service.send('GET', '/api/personas/me', { token })).status).to.equal(200);
  });

  it('answer in the error format of the prefix', async () => {
    const service = await start({ writesPerMinute: 1 });
    const token = tokenOf('admin');
    await service.send('POST', '/users/edit', { token, body: {} });
    expect((await service.send('POST', '/users/edit', { token, body: {} })).body).to.deep.equal({
      message: 'Too many requests',
      error: 'Too Many Requests',
      statusCode: 429,
    });
    expect((await edit(token, service)).body).to.deep.equal({ message: 'Demasiadas solicitudes' });
    expect((await service.send('POST', '/admin/verify', { token })).body).to.deep.equal({
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      code: 'too-many-requests',
    });
  });

  it('are checked after the token and role, and before the body', async () => {
    const service = await start({ writesPerMinute: 1 });
    const token = tokenOf('monitor');
    await service.send('POST', '/users/edit', { token, body: {} });
    const forbidden = await service.send('POST', '/api/personas', { token, body: {} });
    expect(forbidden.status).to.equal(403);
    const headers = { 'content-type': 'text/plain' };
    expectRefused(await service.send('POST', '/users/edit', { token, headers, body: 'x' }));
  });

  it('on searches count requests with q and exports, but not lists and pages', async () => {
    const service = await start({ searchesPerMinute: 2 });
    const token = tokenOf('admin');
    const csv = { accept: 'text/csv' };
    expect((await service.send('GET', '/users?q=a', { token })).status).to.equal(200);
    expect((await service.send('GET', '/audit', { token, headers: csv })).status).to.equal(200);
    expectRefused(await service.send('GET', '/api/personas?q=a', { token }));
    expectRefused(
      await service.send('GET', '/audit', { token, headers: { accept: 'application/x-ndjson' } }),
    );
    expectRefused(await service.send('HEAD', '/audit?q=a', { token }));
    for (const path of ['/users', '/users?q=', '/audit', '/audit?type=UserEdited']) {
      expect((await service.send('GET', path, { token })).status, path).to.equal(200);
    }
  });

  it('on streams limit how many an account has open at once', async () => {
    const gate = fillGate();
    const service = await start({ streamsPerAccount: 1 }, { aroundFill: gate.around });
    await aPersona(service.service);
    gate.close();
    const token = tokenOf('admin');
    const { body } = await service.send('POST', '/admin/projections/personas/rebuild', { token });
    const path = `/admin/jobs/${(body as { id: string }).id}/events`;
    const stream = await openEventStream(`${service.service.url}${path}`, token);
    await stream.next();
    expectRefused(await service.send('GET', path, { token }));
    expectRefused(await service.send('GET', '/audit', { token, headers: { accept: 'text/csv' } }));
    // What reads a whole roll without being a stream.
    const [range, summary] = ['from=2020-01-01&to=2021-01-01', 'summary=true'];
    for (const list of ['/users/changes', '/api/personas/changes', '/rolls/1/changes'])
      expectRefused(await service.send('GET', `${list}?${range}&${summary}`, { token }));
    expect((await service.send('GET', `/users/changes?${range}`, { token })).status).to.equal(200);
    expectRefused(await service.send('POST', '/rolls', { token, body: {} }));
    expectRefused(await service.send('POST', '/rolls/1/verify', { token }));
    const other = await openEventStream(`${service.service.url}${path}`, tokenOf('admin', 'other'));
    expect(other.status).to.equal(200);
    gate.open();
    for (let event = await stream.next(); event; event = await stream.next());
    other.close();
    expect((await service.send('GET', path, { token })).status).to.equal(200);
  });

  it('on refused tokens are counted per address, and never refuse a valid token', async () => {
    const trustedProxies = ['127.0.0.1', '::1'];
    const service = await start({ refusedTokensPerMinute: 2 }, { limits: { trustedProxies } });
    const from = (address: string, token: string): Promise<Answer> =>
      service.send('GET', '/users', { token, headers: { 'x-forwarded-for': address } });
    expect((await from('203.0.113.7', 'bad')).status).to.equal(401);
    expect((await from('203.0.113.7', tokenWith({ role: 'admin' }, { expiresIn: '1h' }))).status).to.equal(
      401,
    );
    expectRefused(await from('203.0.113.7', 'bad'));
    expect((await from('203.0.113.8', 'bad')).status).to.equal(401);
    expect((await from('203.0.113.7', tokenOf('admin'))).status).to.equal(200);
    // One customer has a whole /64.
    expect((await from('2001:db8:0:1::1', 'bad')).status).to.equal(401);
    expect((await from('2001:db8:0:1:ffff::2', 'bad')).status).to.equal(401);
    expectRefused(await from('2001:db8:0:1::3', 'bad'));
    expect((await from('2001:db8:0:2::1', 'bad')).status).to.equal(401);
    expect((await from('2001:db8:5::1', 'bad')).status).to.equal(401);
    expect((await from('2001:db8:5:0:ffff::2', 'bad')).status).to.equal(401);
    expectRefused(await from('2001:db8:5::3', 'bad'));
  });
});

describe('The log of refused callers', () => {
  let running: TestService;
  before(async () => {
    running = await startTestService({
      limits: { requests: { ...DEFAULT_REQUEST_LIMITS, writesPerMinute: 1 } },
    });
  });
  after(async () => {
    await running.stop();
  });

  async function noteOf(method: string, path: string, token?: string, body?: object): Promise<object> {
    const { headers } = await running.send(method, path, { token, ...(body ? { body } : {}) });
    const lines = running.logLines.filter((one) => one.includes(String(headers['x-request-id'])));
    const line = JSON.parse(lines.find((one) => one.includes('"ms":')) ?? '{}') as Record<string, unknown>;
    const { code, reason, account, address, msg } = line;
    return { code, reason, account, address, msg };
  }
  const refused = { address: '127.0.0.1', msg: 'request refused' };

  it('says why a token was refused, without quoting the token', async () => {
    const code = 'unauthorized';
    const account = undefined;
    const secret = 'another secret that is long enough for HS256';
    const past = tokenWith({ sub: 'a', role: 'admin', exp: 1_000 });
    const reasons: [string | undefined, string][] = [
      [undefined, 'no token'],
      ['x', 'jwt malformed'],
      [past, 'jwt expired'],
      [tokenWith({ sub: 'a', role: 'admin' }, { secret, expiresIn: '1h' }), 'invalid signature'],
      ['eyJzZWNyZXQi.e30.x', 'invalid token'],
    ];
    for (const [token, reason] of reasons) {
      expect(await noteOf('GET', '/users', token)).to.deep.equal({ code, reason, account, ...refused });
    }
  });

  it('names the account that lacks the role or breaks a rule', async () => {
    const code = 'forbidden';
    expect(await noteOf('GET', '/users', tokenOf('asistente', 'maria'))).to.deep.equal({
      code,
      reason: 'role',
      account: 'maria',
      ...refused,
    });
  });

  it('names the limit; the count is left to the metrics', async () => {
    const token = tokenOf('admin', 'busy');
    await running.send('POST', '/admin/verify', { token });
    expect(await noteOf('POST', '/admin/verify', token)).to.deep.equal({
      code: 'too-many-requests',
      reason: 'writes',
      account: 'busy',
      ...refused,
    });
    const metrics = (await running.send('GET', '/metrics')).body as string;
    expect(metrics).to.match(/padron_refused_callers_total\{code="too-many-requests",reason="writes"\} 1/);
    expect(metrics).to.match(/padron_refused_callers_total\{code="unauthorized",reason="no token"\} \d/);
  });

  it('has no such line for an answered or a malformed request', async () => {
    const nothing = { code: undefined, reason: undefined, account: undefined, address: undefined };
    expect(await noteOf('GET', '/users', tokenOf('admin'))).to.deep.equal({ ...nothing, msg: 'request' });
    expect(await noteOf('GET', '/users?x=1', tokenOf('admin'))).to.deep.equal({ ...nothing, msg: 'request' });
  });
});
