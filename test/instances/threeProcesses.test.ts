import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { persona } from '../../src/domain/persona.ts';
import { createRepository } from '../../src/commands/loading/repository.ts';
import { eventsOf, type EventStore } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { subjectOf } from '../../src/events/streams.ts';
import { eventually } from '../support/eventually.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { startInstance, type Ask, type Instance, type Reply } from '../support/instance.ts';
import { describeOnMongo, testDatabase, type TestDatabase } from '../support/mongodb.ts';
import { personaBody } from '../support/people.ts';
import { tokenOf } from '../support/tokens.ts';

/** A takeover is promised within this time. */
const TAKEOVER_MS = 5_000;

interface Person {
  id: number;
  cuenta: string;
}

describeOnMongo('Three instances on one EventStoreDB and one MongoDB', function () {
  this.timeout(90_000);
  const admin = tokenOf('admin');
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
  const positionOf = ({ headers }: Reply): Record<string, string> => ({
    'x-padron-position': headers.get('x-padron-position') ?? '',
  });

  async function register(n: number, changes: object = {}, headers = {}): Promise<Reply> {
    return on(n).send('POST', '/api/personas', { token: admin, body: personaBody(changes), headers });
  }

  async function aPerson(n: number): Promise<Person> {
    const cuenta = `cuenta-${randomUUID()}`;
    const { status, body } = await register(n, { cuenta });
    expect(status).to.equal(201);
    return { id: (body as Person).id, cuenta };
  }

  const update = (
    instance: Instance,
    { cuenta }: Person,
    body: object,
    more: Pick<Ask, 'headers' | 'withinMs'> = {},
  ): Promise<Reply> =>
    instance.send('PUT', '/api/personas/me', { token: tokenOf('asistente', cuenta), body, ...more });

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
      // 503 is a loser of every retry: it has stored nothing, and is told so.
      expect(losers.every((status) => status === 409 || status === 503)).to.equal(true);
      const again = await register(round, { dni });
      expect(again.status).to.equal(409);
    }
  });

  it('never show or decide on a state that another has changed since', async () => {
    const person = await aPerson(0);
    const me = { token: tokenOf('asistente', person.cuenta) };
    for (const [n, instance] of [...instances, ...instances].entries()) {
      // Everybody remembers the person as it is now.
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
    let people: Person[];
    /** By person, every phone number whose write was acknowledged, in order. */
    let acknowledged: Map<number, string[]>;
    let reachable: Instance[];
    let stopLoad: () => Promise<void>;

    beforeEach(async () => {
      people = await Promise.all(Array.from({ length: 6 }, (_, n) => aPerson(n)));
      acknowledged = new Map(people.map(({ id }) => [id, []]));
      reachable = [...instances];
      let loading = true;
      const workers = people.map(async (person, worker) => {
        for (let n = 0; loading; n += 1) {
          const telefono = `${worker}-${n}`;
          const instance = reachable[n % reachable.length]!;
          const reply = await update(instance, person, { telefono }, { withinMs: 1_000 }).catch(() => null);
          if (reply?.status === 200) acknowledged.get(person.id)?.push(telefono);
          // Paces the load: three instances, two servers and this test share the machine.
          await pause(15);
        }
      });
      stopLoad = async () => {
        loading = false;
        await Promise.all(workers);
      };
    });
    afterEach(() => stopLoad());

    /** Until lists on a survivor show a write that came after the loss of the holder; answers how long that took. */
    async function movesAgain(): Promise<number> {
      const lost = performance.now();
      const survivor = reachable[0]!;
      const written = await update(survivor, people[0]!, { telefono: `after-${randomUUID().slice(0, 8)}` });
      expect(written.status).to.equal(200);
      for (const path of ['/api/personas?limit=1', '/audit?limit=1']) {
        await eventually(
          `${path} shows it`,
          async () => {
            const ask = { token: admin, headers: positionOf(written), withinMs: 2_000 };
            const reply = await survivor.send('GET', path, ask).catch(() => null);
            return reply?.status === 200 && reply.headers.get('x-padron-behind') === null;
          },
          TAKEOVER_MS - (performance.now() - lost),
        );
      }
      return performance.now() - lost;
    }

    /** Stops the load, and holds what every instance shows against the fold of the streams. */
    async function expectViewsEqualTheFold(): Promise<void> {
      await stopLoad();
      const head = await store.head();
      const headers = { 'x-padron-position': String(head) };
      const shown = await folded();
      for (const instance of instances) {
        const list = await eventually('the list is level', async () => {
          const reply = await instance.send('GET', '/api/personas?limit=1000', { token: admin, headers });
          return reply.headers.get('x-padron-behind') === null && reply;
        });
        expect((list.body as { personas: object[] }).personas).to.deep.equal(shown);
      }
      for (const { id } of people) {
        const stored: string[] = [];
        for await (const { data } of eventsOf(store, `persona-${id}`)) {
          const { changes } = data as { changes?: { telefono?: { to: string } } };
          if (changes?.telefono) stored.push(changes.telefono.to);
        }
        expect(new Set(stored).size, 'nothing is applied twice').to.equal(stored.length);
        expect(stored, 'no acknowledged write is lost').to.include.members(acknowledged.get(id)!);
        expect(acknowledged.get(id)).to.have.length.greaterThan(5);
      }
    }

    async function folded(): Promise<object[]> {
      const repository = createRepository(store);
      const ids = new Set<number>();
      for (const { stream } of await store.readAll(null, 1_000_000)) {
        const subject = subjectOf(stream);
        if (subject?.kind === 'persona') ids.add(subject.id);
      }
      const states = await Promise.all(
        [...ids].map(async (id) => (await repository.fresh(persona, `persona-${id}`)).state),
      );
      return states
        .filter((state) => state !== null)
        .sort((a, b) => a.id - b.id)
        .map((state) => {
          const { cuenta: _cuenta, ...shown } = state;
          return shown;
        });
    }

    const holder = async (): Promise<Instance> =>
      eventually('one runs personas', () => reachable.find((instance) => instance.runs('personas')));

    it('move the projections of a killed instance within five seconds, and the views equal the fold', async () => {
      const killed = await holder();
      reachable = reachable.filter((instance) => instance !== killed);
      instances = reachable;
      await killed.kill();
      console.log(`      moved after ${Math.round(await movesAgain())} ms`);
      instances = [...reachable, await start()];
      await expectViewsEqualTheFold();
    });

    it('move the projections of a paused instance within five seconds; it resumes without harm', async () => {
      const paused = await holder();
      reachable = reachable.filter((instance) => instance !== paused);
      paused.signal('SIGSTOP');
      console.log(`      moved after ${Math.round(await movesAgain())} ms`);
      paused.signal('SIGCONT');
      await eventually('it knows that it has lost the lease', () => !paused.runs('personas'));
      await expectViewsEqualTheFold();
      expect(instances.filter((instance) => instance.runs('personas'))).to.have.length(1);
    });

    it('continue the projections of a stopped instance before its lease would have expired', async () => {
      const stopped = await holder();
      reachable = reachable.filter((instance) => instance !== stopped);
      instances = reachable;
      stopped.signal('SIGTERM');
      expect(await movesAgain()).to.be.lessThan(3_000);
      expect((await stopped.kill()).code).to.be.oneOf([0, null]);
      instances = [...reachable, await start()];
      await expectViewsEqualTheFold();
    });
  });
});
