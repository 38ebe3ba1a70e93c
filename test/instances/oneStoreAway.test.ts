import { expect } from 'chai';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import { eventually } from '../support/eventually.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { everyRoute, type RouteCall } from '../support/everyRoute.ts';
import { startInstance, type Instance, type Reply } from '../support/instance.ts';
import { describeOnMongo, testDatabase, type TestDatabase } from '../support/mongodb.ts';
import { personaBody, userBody } from '../support/people.ts';
import { startTcpGate, type TcpGate } from '../support/tcpGate.ts';
import { tokenOf } from '../support/tokens.ts';

const admin = tokenOf('admin');
/** Long before a driver gives up: an answer that waits for one has failed. */
const WITHIN_MS = 5_000;
/** Recovery is promised within 5 s; the rest is for a busy machine. */
const RECOVERY_MS = 15_000;

interface Readiness {
  status: string;
  writes?: string;
  lists?: string;
}

describeOnMongo('Three instances during an outage of EventStoreDB or MongoDB', function () {
  this.timeout(120_000);
  let server: EventStoreDbServer;
  let database: TestDatabase;
  let events: TcpGate;
  let views: TcpGate;
  let instances: Instance[];
  let person: PersonaRecord & { cuenta: string };
  let user: UserRecord;

  before(async () => {
    server = await EventStoreDbServer.start();
    database = testDatabase();
    events = await startTcpGate({ port: server.port });
    const mongo = new URL(database.url);
    views = await startTcpGate({ port: Number(mongo.port), host: mongo.hostname });
    mongo.host = `127.0.0.1:${views.port}`;
    const stores = { EVENTSTORE_URL: `esdb://127.0.0.1:${events.port}?tls=false`, MONGODB_URL: mongo.href };
    instances = await Promise.all([1, 2, 3].map(() => startInstance({ ...stores, RATE_LIMIT: 'off' })));
    const first = instances[0]!;
    const registered = personaBody();
    const { body } = await first.send('POST', '/api/personas', { token: admin, body: registered });
    person = { ...(body as PersonaRecord), cuenta: registered.cuenta };
    const added = await first.send('POST', '/users', { token: admin, body: userBody() });
    user = added.body as UserRecord;
    await level(added);
  });
  after(async () => {
    await Promise.all(instances.map((instance) => instance.kill()));
    await Promise.all([events.close(), views.close()]);
    await server.close();
    await database.drop();
  });
  afterEach(async () => {
    events.open();
    views.open();
    await recovered();
  });

  const onEach = (what: (instance: Instance) => Promise<unknown>): Promise<unknown> =>
    Promise.all(instances.map(what));

  async function readiness(instance: Instance): Promise<Readiness> {
    const { status, body } = await instance.send('GET', '/health/ready', {
      token: admin,
      withinMs: WITHIN_MS,
    });
    expect(status).to.equal(200);
    return body as Readiness;
  }

  /** Waits until every instance shows this write in its lists and histories. */
  async function level({ headers }: Reply): Promise<void> {
    const position = { 'x-padron-position': headers.get('x-padron-position') ?? '' };
    await onEach((instance) =>
      eventually('the views are caught up', async () => {
        for (const path of ['/users?limit=1', '/api/personas?limit=1', '/audit?limit=1']) {
          const list = await instance.send('GET', path, { token: admin, headers: position });
          if (list.status !== 200 || list.headers.has('x-padron-behind')) return false;
        }
        return true;
      }),
    );
  }

  /** Everything goes on without a restart: readiness, writes, and what they are followed by in lists. */
  async function recovered(): Promise<void> {
    await onEach((instance) =>
      eventually(
        'the instance is ready again',
        async () => (await readiness(instance)).status === 'ready',
        RECOVERY_MS,
      ),
    );
    for (const instance of instances) {
      const body = { telefono: String(Math.random()) };
      const token = tokenOf('asistente', person.cuenta);
      await level(await instance.send('PUT', '/api/personas/me', { token, body }));
    }
  }

  const send = (instance: Instance, { method, path, token, body }: RouteCall): Promise<Reply> =>
    instance.send(method, path, { token, withinMs: WITHIN_MS, ...(body ? { body } : {}) });

  /** No instance may change what another one is about to ask for: writes are tried on one of them. */
  const callsOf = (instance: Instance): RouteCall[] =>
    everyRoute(person, user, 'users-v3-1').filter(
      ({ method, needs }) => method === 'GET' || needs === 'both' || instance === instances[0],
    );

  for (const how of ['kill', 'pause'] as const) {
    it(`answer reads without EventStoreDB (${how}), and mark them as behind where needed`, async () => {
      events[how]();
      await onEach(async (instance) => {
        await eventually('the outage is known', async () => (await readiness(instance)).writes !== undefined);
        for (const call of callsOf(instance)) {
          const isRead = call.needs === 'either' || call.needs === 'read model';
          const { status, headers } = await send(instance, call);
          expect(status, `${call.method} ${call.path}`).to.equal(isRead ? call.status : 503);
          if (isRead && call.method === 'GET') expect(headers.get('x-padron-behind')).to.equal('true');
        }
        const unknown = await instance.send('GET', '/users/NOBODY', { token: admin, withinMs: WITHIN_MS });
        expect(unknown.status).to.equal(503);
      });
    });

    it(`refuse the first write without EventStoreDB (${how}) long before the driver gives up`, async () => {
      events[how]();
      const token = tokenOf('asistente', person.cuenta);
      await onEach(async (instance) => {
        const put = await instance.send('PUT', '/api/personas/me', {
          token,
          body: { telefono: '7' },
          withinMs: WITHIN_MS,
        });
        expect(put.status).to.equal(503);
        const me = await instance.send('GET', '/api/personas/me', { token, withinMs: WITHIN_MS });
        expect(me.status).to.equal(200);
      });
    });

    it(`answer writes and reads of single documents without MongoDB (${how})`, async () => {
      views[how]();
      await onEach(async (instance) => {
        await eventually('the outage is known', async () => (await readiness(instance)).lists !== undefined);
        for (const call of callsOf(instance)) {
          const isAnswered = call.needs === 'either' || call.needs === 'event store';
          const { status } = await send(instance, call);
          expect(status, `${call.method} ${call.path}`).to.equal(isAnswered ? call.status : 503);
        }
      });
    });
  }
});
