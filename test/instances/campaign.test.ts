import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { eventsOf, type EventStore } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { startCli } from '../support/cli.ts';
import { describeOnMongo, testDatabase, type TestDatabase } from '../support/mongodb.ts';
import { personaBody } from '../support/people.ts';
import { SECRET, tokenOf } from '../support/tokens.ts';
import { causeFaults, movesAgain, type Fault } from './campaign/faults.ts';
import { load, MAX_REQUEST_MS, type Person, type Seen } from './campaign/load.ts';
import { startMember, type Member } from './campaign/members.ts';

/** The long form: CAMPAIGN_SECONDS=600. */
const SECONDS = Number(process.env['CAMPAIGN_SECONDS'] ?? 30);
/** One member has a fault so often. */
const EVERY_MS = 10_000;
/** Others move the views within this time after a holder's fault. */
const MAX_TAKEOVER_MS = 5_000;
const CLIENTS = 6;

describeOnMongo('A campaign of faults against three instances', function () {
  this.timeout(120_000 + SECONDS * 1_500);
  let server: EventStoreDbServer;
  let database: TestDatabase;
  let store: EventStore;
  const members: Member[] = [];

  before(async () => {
    server = await EventStoreDbServer.start();
    database = testDatabase();
    store = await openEventStoreDb({ url: server.url });
    const { port, pathname } = new URL(database.url);
    const ports = { events: server.port, views: Number(port), viewsPath: pathname };
    for (const name of ['A', 'B', 'C']) members.push(await startMember(name, ports));
  });
  after(async () => {
    await Promise.all(members.map((member) => member.kill()));
    await Promise.all(members.flatMap(({ relays }) => relays.map((relay) => relay.close())));
    await store.close();
    await server.close();
    await database.drop();
  });

  async function register(): Promise<Person> {
    const cuenta = `cuenta-${randomUUID()}`;
    const ask = { token: tokenOf('admin'), body: personaBody({ cuenta }) };
    const { status, body } = await members[0]!.instance!.send('POST', '/api/personas', ask);
    expect(status).to.equal(201);
    return { id: (body as Person).id, cuenta };
  }

  /** Each acknowledged write stands once in its person's stream, at the revision that its answer named. */
  async function wrongsIn({ acknowledged }: Seen, people: readonly Person[]): Promise<string[]> {
    const wrongs: string[] = [];
    for (const { id } of people) {
      const stored = new Map<string, number[]>();
      for await (const { data, revision } of eventsOf(store, `persona-${id}`)) {
        const { changes } = data as { changes?: { telefono?: { to: string } } };
        const telefono = changes?.telefono?.to;
        if (telefono !== undefined) stored.set(telefono, [...(stored.get(telefono) ?? []), revision]);
      }
      for (const [telefono, revisions] of stored)
        if (revisions.length > 1) wrongs.push(`${telefono} is applied at ${revisions.join()}`);
      for (const one of acknowledged) {
        if (one.person !== id) continue;
        // The answer to a repeat names the present revision, which may be later.
        const [revision = Infinity] = stored.get(one.telefono) ?? [];
        if (revision > one.revision)
          wrongs.push(`${one.telefono}: acknowledged at ${one.revision}, not stored`);
      }
    }
    return wrongs;
  }

  async function verify(): Promise<string> {
    const { ended } = startCli(['verify'], {
      EVENTSTORE_URL: server.url,
      MONGODB_URL: database.url,
      JWT_SECRET: SECRET,
    });
    const { code, stdout, stderr } = await ended;
    return code === 0 ? '' : `verify ended with ${code}: ${stdout}${stderr}`;
  }

  it(`leaves all promises kept after ${SECONDS} s in which a process is killed, paused or cut off every ${EVERY_MS / 1_000} s`, async () => {
    // What a write takes to be shown without a fault is the machine's share of a takeover.
    const { totalMs: usualMs } = await movesAgain(members[0]!);
    const people = await Promise.all(Array.from({ length: CLIENTS }, register));
    const end = performance.now() + SECONDS * 1_000;
    const isOver = (): boolean => performance.now() >= end;
    const [seen, faults] = await Promise.all([
      load(members, people, isOver),
      causeFaults(members, EVERY_MS, isOver),
    ]);
    console.log(summaryOf(seen, faults));

    expect(seen.wrongs).to.deep.equal([]);
    expect(await wrongsIn(seen, people)).to.deep.equal([]);
    expect(await verify()).to.equal('');
    expect(seen.acknowledged.length).to.be.greaterThan(CLIENTS * 5);
    expect(seen.slowestMs).to.be.lessThan(MAX_REQUEST_MS);
    const late = faults.filter(({ moved }) => moved.totalMs > MAX_TAKEOVER_MS + usualMs);
    expect(late).to.deep.equal([]);
    for (const { name, instance } of members)
      expect(instance?.hasEnded(), `${name} ended by itself`).to.equal(false);
  });
});

function summaryOf(seen: Seen, faults: readonly Fault[]): string {
  const statuses = [...seen.statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status}: ${n}`);
  const moved = faults.map(
    ({ kind, member, moved: { writtenMs, listedMs, totalMs } }) =>
      `${kind} ${member} ${[writtenMs, listedMs, totalMs].map(Math.round).join('/')} ms`,
  );
  return [
    `      ${seen.requests} requests (by status, 0 without an answer: ${statuses.join(', ')})`,
    `      ${seen.acknowledged.length} acknowledged writes; slowest answer ${Math.round(seen.slowestMs)} ms`,
    `      ${faults.length} faults, written, listed and in the history after: ${moved.join('; ')}`,
  ].join('\n');
}
