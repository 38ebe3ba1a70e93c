import { EventStoreDBClient } from '@eventstore/db-client';
import { expect } from 'chai';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import type { EventBatch, EventStore, EventStoreError, NewEvent } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { OWN_PREFIXES } from '../../src/events/streams.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { event } from './eventStoreContract.ts';

// Mocha fails the run on an unhandled rejection: that none of these ends the process is part of every test here.
describe('the EventStoreDB adapter when things go wrong', () => {
  let server: EventStoreDbServer;
  const stores: EventStore[] = [];

  before(async () => {
    server = await EventStoreDbServer.start();
  });
  after(async () => {
    await server.close();
  });
  beforeEach(async () => {
    await server.reset();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });

  async function open(deadlineMs: number, url = server.url): Promise<EventStore> {
    const store = await openEventStoreDb({ url, deadlineMs });
    stores.push(store);
    return store;
  }

  describe('an append', () => {
    it('whose reply is lost after the commit is found to be stored', async () => {
      const store = await open(2000);
      await server.misbehave({ swallow: 1 });
      const result = await store.append([one('persona-1', NO_REVISION, event('A'))]);
      const stored = await store.readStream('persona-1', { limit: 10 });
      expect(stored.map((e) => e.type)).to.deep.equal(['A']);
      expect(result).to.deep.equal({ outcome: 'appended', position: stored[0]!.position });
    });

    it('whose reply is lost is no conflict when others have gone on behind it', async () => {
      const [store, other] = [await open(2000), await open(2000)];
      await server.misbehave({ swallow: 1 });
      const appending = store.append([one('persona-1', NO_REVISION, event('A'))]);
      let behind;
      do behind = await other.append([one('persona-1', 0, event('B'))]);
      while (behind.outcome === 'conflict');
      expect((await appending).outcome).to.equal('appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A', 'B']);
    });

    it('that is committed only after it was given up, and meanwhile sent again, is stored once', async () => {
      const store = await open(1000);
      await server.misbehave({ delayMs: 700 });
      const appending = store.append([one('persona-1', NO_REVISION, event('A'))]);
      await eventually(async () => (await server.report()).calls['append'] === 1);
      await server.misbehave({ delayMs: 0 });
      expect((await appending).outcome).to.equal('appended');
      await eventually(async () => (await server.report()).calls['committed'] === 2);
      expect((await server.report()).events['persona-1']).to.equal(1);
    });

    it('whose every reply is lost says that the outcome is unknown, within its deadline; a repeat finds out', async () => {
      const store = await open(600);
      await server.misbehave({ swallow: 1000, delayMs: 400 });
      const append = [one('persona-1', NO_REVISION, event('A'))];
      const [failure, ms] = await timed(failureOf(store.append(append)));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: true });
      expect(ms).to.be.below(1200);
      await server.misbehave({ swallow: 0, delayMs: 0 });
      expect((await store.append(append)).outcome).to.equal('appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
    });

    it('waits for a server that is not ready yet, and says "not stored" when that takes too long', async () => {
      const store = await open(2000);
      await server.misbehave({ notReady: 2 });
      expect((await store.append([one('persona-1', NO_REVISION, event('A'))])).outcome).to.equal('appended');
      await server.misbehave({ notReady: 1000 });
      const failure = await failureOf(store.append([one('persona-1', 0, event('B'))]));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: false });
      await server.misbehave({ notReady: 0 });
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
    });

    it('goes to the leader when the node is not, or no longer', async () => {
      const store = await open(2000);
      await server.misbehave({ notLeader: 1 });
      expect((await store.append([one('persona-1', NO_REVISION, event('A'))])).outcome).to.equal('appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
    });

    it('that is too large is refused at once as not stored', async () => {
      const store = await open(2000);
      const large = event('A', { text: 'x'.repeat(1_100_000) });
      const failure = await failureOf(store.append([one('persona-1', NO_REVISION, large)]));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: false });
      expect(await typesIn(store, 'persona-1')).to.deep.equal([]);
    });

    it('over several streams that fails after the first says that something may be stored', async () => {
      const store = await open(2000);
      const large = event('B', { text: 'x'.repeat(1_100_000) });
      const appends = [one('reservation-a', NO_REVISION, event('A')), one('persona-1', NO_REVISION, large)];
      expect(await failureOf(store.append(appends))).to.include({ outcomeUnknown: true });
      expect(await typesIn(store, 'reservation-a')).to.deep.equal(['A']);
    });

    it('repeated on a stream deleted since is answered without a position', async () => {
      const store = await open(2000);
      const append = [one('persona-1', NO_REVISION, event('A'))];
      await store.append(append);
      await deleteStream('persona-1');
      expect(await store.append(append)).to.deep.equal({ outcome: 'appended', position: null });
      expect(await typesIn(store, 'persona-1')).to.deep.equal([]);
    });

    it('new on a stream deleted before is an error, since its revisions are not those asked for', async () => {
      const store = await open(2000);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      await deleteStream('persona-1');
      const failure = await failureOf(store.append([one('persona-1', NO_REVISION, event('B'))]));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: true });
    });

    it('takes the unary call, and asks for no features', async () => {
      const store = await open(2000);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      const { calls } = await server.report();
      expect(calls).to.include({ append: 1 }).and.not.have.any.keys('batchAppend', 'features');
    });
  });

  describe('a lost connection', () => {
    for (const [count, kilobytes] of [
      [300, 1],
      [40, 200],
    ] as const) {
      it(`with ${count} appends of ${kilobytes} KB in flight loses none and stores none twice`, async () => {
        const store = await open(10_000);
        await server.misbehave({ dropAfter: count / 2 });
        const data = { text: 'x'.repeat(kilobytes * 1000) };
        const streams = Array.from({ length: count }, (_, i) => `persona-${i + 1}`);
        const results = await Promise.all(
          streams.map((stream) => store.append([one(stream, NO_REVISION, event('A', data))])),
        );
        expect(results.map((result) => result.outcome)).to.deep.equal(Array(count).fill('appended'));
        const { events } = await server.report();
        expect(streams.map((stream) => events[stream])).to.deep.equal(Array(count).fill(1));
      });
    }

    it('in the middle of 200 racing repeats leaves one event', async () => {
      const store = await open(5000);
      await server.misbehave({ dropAfter: 1 });
      const append = [one('persona-1', NO_REVISION, event('A'))];
      const results = await Promise.all(Array.from({ length: 200 }, () => store.append(append)));
      expect(results.every((result) => result.outcome === 'appended')).to.equal(true);
      expect((await server.report()).events['persona-1']).to.equal(1);
    });
  });

  describe('a server that is gone', () => {
    afterEach(async () => {
      await server.resume();
    });

    it('fails calls within the deadline as not stored, and serves again when it is back, with its data', async () => {
      const store = await open(1500);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      await server.stop();
      const [failure, ms] = await timed(failureOf(store.append([one('persona-1', 0, event('B'))])));
      expect(failure).to.include({ name: 'EventStoreError' });
      expect(ms).to.be.below(2000);
      expect(await failureOf(store.readStream('persona-1', { limit: 1 }))).to.include({
        name: 'EventStoreError',
      });
      await server.resume();
      await eventually(
        async () => (await store.append([one('persona-1', 0, event('C'))])).outcome === 'appended',
      );
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A', 'C']);
    });

    it('at the start is waited for: calls fail, then work', async () => {
      await server.stop();
      const store = await open(500);
      const failure = await failureOf(store.append([one('persona-1', NO_REVISION, event('A'))]));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: false });
      await server.resume();
      await eventually(async () => (await store.head()) === null);
    });

    it('is waited for by a subscription, which goes on where it was', async () => {
      const store = await open(2000);
      const other = await open(2000);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      const types: string[] = [];
      for await (const batch of followed(store)) {
        types.push(...batch.events.map((e) => e.type));
        if (types.length === 2) break;
        if (!batch.caughtUp) continue;
        await server.stop();
        await server.resume();
        await eventually(
          async () => (await other.append([one('persona-1', 0, event('B'))])).outcome === 'appended',
        );
      }
      expect(types).to.deep.equal(['A', 'B']);
    });

    it('in a cluster is an error for each call, and found again by discovery', async () => {
      const cluster = `esdb://127.0.0.1:${server.port},127.0.0.1:${server.port}?tls=false&maxDiscoverAttempts=2&discoveryInterval=20`;
      const store = await open(2000, cluster);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      await server.stop();
      const failures = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          failureOf(store.append([one(`user-${i + 1}`, NO_REVISION, event('B'))])),
        ),
      );
      for (const failure of failures) expect(failure).to.include({ name: 'EventStoreError' });
      await server.resume();
      await eventually(async () => (await store.readStream('persona-1', { limit: 5 })).length === 1);
    });

    it('does not keep the store from closing, with a subscription open', async () => {
      const store = await open(500);
      const following = (async () => {
        for await (const batch of followed(store)) if (batch.caughtUp) await server.stop();
      })();
      await eventually(async () => ((await failureOf(store.head())) as Error).name === 'EventStoreError');
      await store.close();
      await following;
    });
  });

  describe('a silent server', () => {
    it('is given up at the deadline; what was sent may be stored, and a repeat is recognised', async () => {
      const store = await open(400);
      const append = [one('persona-1', NO_REVISION, event('A'))];
      await store.append([one('user-1', NO_REVISION, event('warm'))]);
      await server.silence(1200);
      const [failure, ms] = await timed(failureOf(store.append(append)));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: true });
      expect(ms).to.be.below(1000);
      const [readFailure, readMs] = await timed(failureOf(store.readAll(null, 10)));
      expect(readFailure).to.include({ name: 'EventStoreError' });
      expect(readMs).to.be.below(1000);
      await eventually(async () => (await store.append(append)).outcome === 'appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
    });

    it('is given up by a read under way, which is repeated', async () => {
      const store = await open(2000);
      await store.append([
        one(
          'persona-1',
          NO_REVISION,
          ...Array.from({ length: 400 }, () => event('A', { text: 'x'.repeat(2000) })),
        ),
      ]);
      const reading = store.readAll(null, 1000);
      await eventually(async () => ((await server.report()).calls['subscribe'] ?? 0) >= 1);
      await server.silence(1100);
      expect(await reading).to.have.length(400);
    });

    it('that speaks again before the deadline costs only time', async () => {
      const store = await open(3000);
      await server.silence(500);
      const append = [one('persona-1', NO_REVISION, event('A'))];
      expect((await store.append(append)).outcome).to.equal('appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
    });
  });

  describe('a subscription', () => {
    const many = (n: number, data: object = {}): NewEvent[] =>
      Array.from({ length: n }, (_, i) => event(`E${i}`, data));

    it('dropped because its consumer is slow catches up at once, complete and in order', async () => {
      const store = await open(5000);
      await server.misbehave({ liveBuffer: 30 });
      const revisions: number[] = [];
      let held = false;
      for await (const batch of followed(store, 10)) {
        revisions.push(...batch.events.map((e) => e.revision));
        if (revisions.length === 600) break;
        if (!batch.caughtUp || held) continue;
        held = true;
        // While this batch is in hand nothing is read: the client's buffers fill, and the server gives up.
        for (let i = 0; i < 20; i += 1) {
          await store.append([one('persona-1', i * 30 - 1, ...many(30, { text: 'x'.repeat(3000) }))]);
        }
      }
      expect(revisions).to.deep.equal(Array.from({ length: 600 }, (_, i) => i));
      expect((await server.report()).calls['subscribe']).to.be.at.least(2);
    });

    for (const how of ['end', 'slow'] as const) {
      it(`that the server leaves (${how}) goes on where it was`, async () => {
        const store = await open(5000);
        await store.append([one('persona-1', NO_REVISION, ...many(5))]);
        const revisions: number[] = [];
        let left = false;
        for await (const batch of followed(store)) {
          revisions.push(...batch.events.map((e) => e.revision));
          if (revisions.length === 10) break;
          if (!batch.caughtUp || left) continue;
          left = true;
          await server.dropSubscribers(how);
          await store.append([one('persona-1', 4, ...many(5))]);
        }
        expect(revisions).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        expect((await server.report()).calls['subscribe']).to.equal(2);
      });
    }

    it('is complete and in order while connections are cut again and again', async () => {
      const store = await open(5000);
      const writing = (async () => {
        for (let i = 0; i < 200; i += 1) {
          if (i % 40 === 39) await server.dropConnections();
          await store.append([one('persona-1', i - 1, event('W'))]);
        }
      })();
      const revisions = new Set<number>();
      for await (const batch of followed(store, 10)) {
        for (const { revision } of batch.events) revisions.add(revision);
        if (revisions.size === 200) break;
      }
      await writing;
      expect([...revisions]).to.deep.equal(Array.from({ length: 200 }, (_, i) => i));
    });

    it('that is refused for a while is tried until it stands', async () => {
      const store = await open(5000);
      await store.append([one('persona-1', NO_REVISION, ...many(3))]);
      await server.misbehave({ notReady: 3 });
      const revisions: number[] = [];
      for await (const batch of followed(store)) {
        revisions.push(...batch.events.map((e) => e.revision));
        if (batch.caughtUp) break;
      }
      expect(revisions).to.deep.equal([0, 1, 2]);
    });
  });

  it('credentials are never sent without TLS', async () => {
    const store = await open(2000, server.url.replace('esdb://', 'esdb://admin:changeit@'));
    await store.append([one('persona-1', NO_REVISION, event('A'))]);
    expect((await server.report()).calls)
      .to.include({ append: 1 })
      .and.not.have.property('authorized');
  });

  it('a malformed connection string is refused without being quoted', async () => {
    const failure = await failureOf(openEventStoreDb({ url: 'esdb://admin:s3cret@host:notaport?tls' }));
    expect(failure).to.have.property('name', 'EventStoreError');
    expect(JSON.stringify([String(failure), (failure as Error).cause ?? ''])).to.not.include('s3cret');
  });

  async function deleteStream(stream: string): Promise<void> {
    const client = EventStoreDBClient.connectionString(server.url);
    await client.deleteStream(stream);
    await client.dispose();
  }
});

const one = (stream: string, expected: number, ...events: NewEvent[]) => ({ stream, expected, events });

/** A subscription to everything, left by leaving the loop. */
function followed(store: EventStore, limit = 100): AsyncIterable<EventBatch> {
  return store.subscribe({
    after: null,
    prefixes: OWN_PREFIXES,
    limit,
    signal: new AbortController().signal,
  });
}

async function typesIn(store: EventStore, stream: string): Promise<string[]> {
  return (await store.readStream(stream, { limit: 100 })).map((e) => e.type);
}

async function failureOf(promise: Promise<unknown>): Promise<EventStoreError> {
  return promise.then(
    (value: unknown) => expect.fail(`resolved with ${String(value)}`),
    (error: unknown) => error as EventStoreError,
  );
}

async function timed<T>(promise: Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await promise, performance.now() - start];
}

/** Repeats until it holds; errors count as "not yet". The test's own timeout is the bound. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false)));
}
