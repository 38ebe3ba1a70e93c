import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import type { EventStore } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { eventually } from '../support/eventually.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { startInstance, type Instance, type Reply } from '../support/instance.ts';
import { describeOnMongo, testDatabase, type TestDatabase } from '../support/mongodb.ts';
import { personaBody } from '../support/people.ts';
import { tokenOf } from '../support/tokens.ts';
import { expectListsEqualTheFold, expectNothingLost } from './three/compare.ts';
import { movesAgain, startPacedLoad, type PacedLoad } from './three/pacedLoad.ts';
import { admin, positionOf, update, type Person } from './three/requests.ts';

describeOnMongo('Three instances on one EventStoreDB and one MongoDB', function () {
  this.timeout(90_000);
  let server: EventStoreDbServer;
  let database: TestDatabase;
  let store: EventStore;
  let instances: Instance[];

  const start = (): Promise<Instance> =>
    startInstance({ EVENTSTORE_URL: server.url, MONGODB_URL: database.url });

  before(async () => {
    server = await EventStoreDbServer.start();
    database = testDatabase();
    store = await openEventStoreDb({ url: server.url });
    instances = await Promise.all([start(), start(), start()]);
  });
  after(async () => {
    await Promise.all(instances.map((instance) => instance.kill()));
    await store.close();
    await server.close();
    await database.drop();
  });

  const on = (n: number): Instance => instances[n % instances.length]!;
  async function register(n: number, changes: object = {}, headers = {}): Promise<Reply> {
    return on(n).send('POST', '/api/personas', { token: admin, body: personaBody(changes), headers });
  }

  async function aPerson(n: number): Promise<Person> {
    const cuenta = `cuenta-${randomUUID()}`;
    const { status, body } = await register(n, { cuenta });
    expect(status).to.equal(201);
    return { id: (body as Person).id, cuenta };
  }

  const typesOf = async (stream: string): Promise<string[]> =>
    (await store.readStream(stream, { limit: 1_000 })).map(({ type }) => type);

  it('run each projection on one of them', async () => {
    for (const view of ['personas', 'users', 'history']) {
      await eventually(`one runs ${view}`, () => instances.some((instance) => instance.runs(view)));
      expect(
        instances.filter((instance) => instance.runs(view)),
        view,
      ).to.have.length(1);
    }
  });

  it('are all ready whichever maintains the views, and stay ready while others write', async () => {
    for (let n = 0; n < 6; n += 1) await aPerson(n);
    for (const instance of instances) {
      await eventually('no view is behind', async () => {
        const { status, body } = await instance.send('GET', '/health/ready', { token: admin });
        return status === 200 && (body as { status: string }).status === 'ready';
      });
    }
  });

  it('never allocate an id twice, however many callers register at once', async () => {
    const replies = await Promise.all(Array.from({ length: 30 }, (_, n) => register(n)));
    expect(replies.map(({ status }) => status)).to.deep.equal(Array.from({ length: 30 }, () => 201));
    expect(new Set(replies.map(({ body }) => (body as Person).id)).size).to.equal(30);
  });

  it('give a DNI to only one of many simultaneous callers', async () => {
    for (let round = 0; round < 3; round += 1) {
      const dni = `contested-${round}`;
      const replies = await Promise.all(Array.from({ length: 6 }, (_, n) => register(n, { dni })));
      const winners = replies.filter(({ status }) => status === 201);
      expect(winners).to.have.length(1);
      const losers = replies.filter(({ status }) => status !== 201).map(({ status }) => status);
      // 503: lost every retry and stored nothing.
      expect(losers.every((status) => status === 409 || status === 503)).to.equal(true);
      const again = await register(round, { dni });
      expect(again.status).to.equal(409);
    }
  });

  it('never show or decide on a state that another instance has changed since', async () => {
    const person = await aPerson(0);
    const me = { token: tokenOf('asistente', person.cuenta) };
    for (const [n, instance] of [...instances, ...instances].entries()) {
      // Every instance has the person in its cache.
      for (const one of instances) await one.send('GET', '/api/personas/me', me);
      const telefono = `60000000${n}`;
      const edited = await update(instance, person, { telefono });
      expect(edited.body).to.include({ telefono });
      const etag = edited.headers.get('etag');
      const [next, other] = [on(n + 1), on(n + 2)];

      const read = await next.send('GET', '/api/personas/me', { ...me, headers: positionOf(edited) });
      expect(read.body, 'by account, with the position').to.include({ telefono });
      const byId = await next.send('GET', `/api/personas/${person.id}`, { token: admin });
      expect(byId.body, 'not older than what it has just shown').to.include({ telefono });
      const positioned = await other.send('GET', `/api/personas/${person.id}`, {
        token: admin,
        headers: positionOf(edited),
      });
      expect(positioned.body, 'with the position, on one that has shown nothing').to.include({ telefono });

      const noOp = await update(other, person, { telefono });
      expect(noOp.status).to.equal(200);
      expect(noOp.headers.get('etag'), 'a no-op on the other stores nothing').to.equal(etag);
      const back = await update(other, person, { telefono: null });
      expect(back.headers.get('etag'), 'a change on the other is one').to.not.equal(etag);
      expect((await update(next, person, { telefono: null })).headers.get('etag')).to.equal(
        back.headers.get('etag'),
      );
    }
    expect(await typesOf(`persona-${person.id}`)).to.have.length(1 + 2 * 6);
  });

  it('apply a request with an Idempotency-Key once, even if all of them receive it at once', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const body = personaBody();
    const ask = { token: admin, body, headers };
    const atOnce = await Promise.all(instances.map((one) => one.send('POST', '/api/personas', ask)));
    const later = await Promise.all(instances.map((one) => one.send('POST', '/api/personas', ask)));
    const replies = [...atOnce, ...later].filter(({ status }) => status !== 503);
    expect(later.map(({ status }) => status)).to.deep.equal([201, 201, 201]);
    expect(new Set(replies.map((reply) => JSON.stringify(reply.body))).size).to.equal(1);

    const person = { id: (later[0]!.body as Person).id, cuenta: body.cuenta };
    const key = { 'idempotency-key': randomUUID() };
    await update(on(0), person, { telefono: '1' }, { headers: key });
    await update(on(1), person, { telefono: '2' });
    const repeated = await update(on(2), person, { telefono: '1' }, { headers: key });
    expect(repeated.body, 'the document as it is now').to.include({ telefono: '2' });
    expect(await typesOf(`persona-${person.id}`)).to.deep.equal([
      'PersonaRegistered',
      'PersonaProfileUpdated',
      'PersonaProfileUpdated',
    ]);
  });

  describe('under load', () => {
    let running: PacedLoad;

    beforeEach(async () => {
      const people = await Promise.all(Array.from({ length: 6 }, (_, n) => aPerson(n)));
      running = startPacedLoad(people, instances);
    });
    afterEach(() => running.stop());

    const remove = (instance: Instance): void => {
      running.reachable = running.reachable.filter((other) => other !== instance);
    };
    const expectViewsEqualTheFold = async (): Promise<void> => {
      await running.stop();
      await expectNothingLost(store, running);
      await expectListsEqualTheFold(store, instances);
    };

    const holder = async (): Promise<Instance> =>
      eventually('one runs personas', () => running.reachable.find((instance) => instance.runs('personas')));

    it('move the projections of a killed instance within five seconds, and the views equal the fold', async () => {
      const killed = await holder();
      remove(killed);
      instances = running.reachable;
      await killed.kill();
      console.log(`      moved after ${Math.round(await movesAgain(running))} ms`);
      instances = [...running.reachable, await start()];
      await expectViewsEqualTheFold();
    });

    it('move the projections of a paused instance within five seconds; it resumes without harm', async () => {
      const paused = await holder();
      remove(paused);
      paused.signal('SIGSTOP');
      console.log(`      moved after ${Math.round(await movesAgain(running))} ms`);
      paused.signal('SIGCONT');
      await eventually('it has noticed the loss of its lease', () => !paused.runs('personas'));
      await expectViewsEqualTheFold();
      expect(instances.filter((instance) => instance.runs('personas'))).to.have.length(1);
    });

    it('continue the projections of a stopped instance before its lease would have expired', async () => {
      const stopped = await holder();
      remove(stopped);
      instances = running.reachable;
      stopped.signal('SIGTERM');
      expect(await movesAgain(running)).to.be.lessThan(3_000);
      expect((await stopped.kill()).code).to.be.oneOf([0, null]);
      instances = [...running.reachable, await start()];
      await expectViewsEqualTheFold();
    });
  });
});
