import { expect } from 'chai';
import { allRoutes, type RouteParts } from '../../src/http/allRoutes.ts';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import { switchableReadModel, switchableStore } from '../support/awayStore.ts';
import type { Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { everyRoute, JOB_ROUTES, type RouteCall } from '../support/everyRoute.ts';
import { laggingReadModel } from '../support/laggingReadModel.ts';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf, tokenWith } from '../support/tokens.ts';

const admin = tokenOf('admin');

describe('An outage of one store', function () {
  this.timeout(30_000);
  const events = switchableStore();
  const views = switchableReadModel();
  const { gate, around } = laggingReadModel();
  let running: TestService;
  let person: PersonaRecord & { cuenta: string };
  let user: UserRecord;
  let job: string;
  let calls: RouteCall[];

  before(async () => {
    running = await startTestService({
      readYourWritesMs: 30,
      aroundStore: events.around,
      aroundReadModel: (readModel) => views.around(around(readModel)),
    });
    person = await aPersona(running.service);
    user = await aUser(running.service);
    await level();
    const { jobs } = (await get('/admin/jobs')).body as { jobs: { id: string }[] };
    job = jobs[0]?.id ?? 'none';
  });
  beforeEach(() => {
    calls = everyRoute(person, user, job);
  });
  after(async () => {
    gate.release();
    events.set('there');
    views.set('there');
    await running.stop();
  });
  afterEach(async () => {
    gate.release();
    events.set('there');
    views.set('there');
    await eventually('both stores are back', async () => (await health()).status === 'ready');
    await level();
  });

  const get = (path: string, headers = {}): Promise<Answer> =>
    running.send('GET', path, { token: admin, headers });

  async function health(): Promise<{ status: string; writes?: string; lists?: string }> {
    const { status, body } = await running.send('GET', '/health/ready');
    expect(status).to.equal(200);
    return body as { status: string; writes?: string; lists?: string };
  }

  /** Waits until the views have applied everything that the log holds now. */
  async function level(): Promise<void> {
    const position = (await running.events()).at(-1)?.position ?? 0n;
    const headers = { 'x-padron-position': String(position) };
    for (const list of ['/api/personas', '/users', '/audit']) {
      await eventually(`${list} has reached the end of the log`, async () => {
        const { status, headers: answered } = await get(list, headers);
        return status === 200 && answered['x-padron-behind'] === undefined;
      });
    }
  }

  const untilKnown = (which: 'writes' | 'lists'): Promise<unknown> =>
    eventually('the outage is known', async () => (await health())[which] === 'unavailable');

  const send = ({ method, path, token, body }: RouteCall): Promise<Answer> =>
    running.send(method, path, { token, ...(body ? { body } : {}) });

  it('is tested on every route that uses a store', () => {
    const tried = new Set([...calls.map(({ method, route }) => `${method} ${route}`), ...JOB_ROUTES]);
    const asking = allRoutes({ operations: {} } as RouteParts).filter(({ needs }) => needs !== 'nothing');
    expect(asking.map(({ method, path }) => `${method} ${path}`)).to.have.members([...tried]);
  });

  for (const how of ['killed', 'stopped'] as const) {
    it(`of the event store (${how}) lets reads continue from the views, marked as behind; the rest is 503`, async () => {
      events.set(how);
      // The first ones find the outage, the others know of it.
      for (const call of calls) {
        const { status, headers } = await send(call);
        const isRead = call.needs === 'either' || call.needs === 'read model';
        const what = `${call.method} ${call.path}`;
        expect(status, what).to.equal(isRead ? call.status : 503);
        if (!isRead) expect(Number(headers['retry-after']), what).to.be.greaterThan(0);
      }
      await untilKnown('writes');
      const asked = events.calls();
      for (const call of calls.filter(({ needs }) => needs === 'read model' || needs === 'either')) {
        if (call.method !== 'GET') continue;
        const { status, headers } = await send(call);
        expect(status, call.path).to.equal(call.status);
        expect(headers['x-padron-behind'], call.path).to.equal('true');
      }
      // A probe every now and then, whatever is asked.
      expect(events.calls() - asked).to.be.lessThan(calls.length);
    });

    it(`of the event store (${how}) never makes a subject appear not to exist`, async () => {
      events.set(how);
      await untilKnown('writes');
      const stranger = tokenOf('asistente', 'a-stranger');
      expect((await get('/users/NOBODY')).status).to.equal(503);
      expect((await get('/users/NOBODY/history')).status).to.equal(503);
      expect((await get('/api/personas/999999')).status).to.equal(503);
      expect((await running.send('GET', '/api/personas/me', { token: stranger })).status).to.equal(503);
    });

    it(`of the read model (${how}) lets writes and single documents continue; lists and history are 503`, async () => {
      views.set(how);
      for (const call of calls) {
        const { status } = await send(call);
        const isAnswered = call.needs === 'either' || call.needs === 'event store';
        expect(status, `${call.method} ${call.path}`).to.equal(isAnswered ? call.status : 503);
      }
      await untilKnown('lists');
      expect((await get(`/api/personas/${person.id}`)).status).to.equal(200);
    });
  }

  it('never returns older data than was acknowledged: 503 for that, and the rest continues', async () => {
    const other = await aUser(running.service);
    await level();
    gate.hold();
    const edit = await running.send('POST', '/users/edit', {
      token: admin,
      body: editOf(user, { cuota: 77 }),
    });
    expect(edit.status).to.equal(200);
    events.set('killed');
    await untilKnown('writes');
    expect((await get(`/users/${user.dni}`)).status).to.equal(503);
    expect((await get('/users')).status).to.equal(503);
    const behindThis = { 'x-padron-position': String(edit.headers['x-padron-position']) };
    expect((await get(`/users/${other.dni}`, behindThis)).status).to.equal(503);
    expect((await get(`/users/${other.dni}`)).status).to.equal(200);
    const cursor = Buffer.from(`after:${user.IdUsuario}`).toString('base64url');
    expect((await get(`/users?cursor=${cursor}`)).status).to.equal(200);
    expect((await get('/api/personas')).status).to.equal(200);
  });

  it('returns a history only if it includes everything acknowledged', async () => {
    events.set('there');
    const { headers } = await running.send('POST', '/users/edit', {
      token: admin,
      body: editOf(user, { cuota: 78 }),
    });
    await eventually('the history is caught up', async () => {
      const position = { 'x-padron-position': String(headers['x-padron-position']) };
      return (await get('/audit', position)).headers['x-padron-behind'] === undefined;
    });
    await level();
    events.set('killed');
    await untilKnown('writes');
    expect((await get(`/users/${user.dni}/history`)).status).to.equal(200);
    expect((await get('/audit')).status).to.equal(200);
  });

  it('of the event store makes reads look up the role of a SociApp token in the view', async () => {
    const socio = await aUser(running.service, { categoria: 'admin', email: 'jefa@example.com' });
    await level();
    const token = tokenWith({ sub: String(socio.IdUsuario), email: socio.email });
    expect((await running.send('GET', '/users', { token })).status).to.equal(200);
    events.set('killed');
    await untilKnown('writes');
    expect((await running.send('GET', '/users', { token })).status).to.equal(200);
    const other = tokenWith({ sub: String(socio.IdUsuario), email: 'else@example.com' });
    expect((await running.send('GET', '/users', { token: other })).status).to.equal(401);
    const order = await running.send('POST', '/admin/projections/users/rollback', { token });
    expect(order.status).to.equal(503);
  });

  it('is visible in the metrics by the source of answers', async () => {
    const counted = async (from: string): Promise<number> => {
      const { body } = await running.send('GET', '/metrics');
      return Number(new RegExp(`padron_answers_total\\{from="${from}"\\} (\\d+)`).exec(String(body))?.[1]);
    };
    const [view, stream, refused] = [
      await counted('view'),
      await counted('stream'),
      await counted('refused'),
    ];
    await get(`/users/${user.dni}`);
    await get(`/users/${user.dni}?revision=0`);
    expect([await counted('view'), await counted('stream')]).to.deep.equal([view + 1, stream + 1]);
    events.set('killed');
    await untilKnown('writes');
    await get(`/users/${user.dni}?revision=0`);
    expect(await counted('refused')).to.equal(refused + 1);
  });
});
