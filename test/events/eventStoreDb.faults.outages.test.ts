import { expect } from 'chai';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import { createDeadline } from '../../src/platform/deadline.ts';
import { event, failureOf, typesIn } from './contract/steps.ts';
import { eventually, followed, onEachVersion, onFaultyServer, one, timed } from './faultyEventStoreDb.ts';

onEachVersion('the EventStoreDB adapter when the server is away', (version) => {
  const { server, open } = onFaultyServer({ version });

  describe('a server that is down', () => {
    afterEach(async () => {
      await server().resume();
    });

    it('fails calls within the deadline as not stored, and serves its data again after its return', async () => {
      const store = await open(1500);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      await server().stop();
      const [failure, ms] = await timed(failureOf(store.append([one('persona-1', 0, event('B'))])));
      expect(failure).to.include({ name: 'EventStoreError' });
      expect(ms).to.be.below(2000);
      expect(await failureOf(store.readStream('persona-1', { limit: 1 }))).to.include({
        name: 'EventStoreError',
      });
      await server().resume();
      await eventually(
        async () => (await store.append([one('persona-1', 0, event('C'))])).outcome === 'appended',
      );
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A', 'C']);
    });

    it('is waited for at the start: calls fail first and work later', async () => {
      await server().stop();
      const store = await open(500);
      const failure = await failureOf(store.append([one('persona-1', NO_REVISION, event('A'))]));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: false });
      await server().resume();
      await eventually(async () => (await store.head()) === null);
    });

    it('keeps a subscription waiting, which then continues where it was', async () => {
      const store = await open(2000);
      const other = await open(2000);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      const types: string[] = [];
      for await (const batch of followed(store)) {
        types.push(...batch.events.map((e) => e.type));
        if (types.length === 2) break;
        if (!batch.caughtUp) continue;
        await server().stop();
        await server().resume();
        await eventually(
          async () => (await other.append([one('persona-1', 0, event('B'))])).outcome === 'appended',
        );
      }
      expect(types).to.deep.equal(['A', 'B']);
    });

    it('fails each call in a cluster, and is found again by discovery', async () => {
      const cluster = `esdb://127.0.0.1:${server().port},127.0.0.1:${server().port}?tls=false&maxDiscoverAttempts=2&discoveryInterval=20`;
      const store = await open(2000, cluster);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      await server().stop();
      const failures = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          failureOf(store.append([one(`user-${i + 1}`, NO_REVISION, event('B'))])),
        ),
      );
      for (const failure of failures) expect(failure).to.include({ name: 'EventStoreError' });
      await server().resume();
      await eventually(async () => (await store.readStream('persona-1', { limit: 5 })).length === 1);
    });

    it('does not prevent the store from closing while a subscription is open', async () => {
      const store = await open(500);
      const following = (async () => {
        for await (const batch of followed(store)) if (batch.caughtUp) await server().stop();
      })();
      await eventually(async () => ((await failureOf(store.head())) as Error).name === 'EventStoreError');
      await store.close();
      await following;
    });
  });

  describe('a silent server', () => {
    it('is given up at the deadline; sent appends may be stored, and a repeat is recognised', async () => {
      const store = await open(400);
      const append = [one('persona-1', NO_REVISION, event('A'))];
      // To connect may take longer than the deadline of one append.
      const first = [one('user-1', NO_REVISION, event('warm'))];
      await eventually(async () => (await store.append(first)).outcome === 'appended');
      await server().silence(1200);
      const [failure, ms] = await timed(failureOf(store.append(append)));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: true });
      expect(ms).to.be.below(1000);
      const [readFailure, readMs] = await timed(failureOf(store.readAll(null, 10)));
      expect(readFailure).to.include({ name: 'EventStoreError' });
      expect(readMs).to.be.below(1000);
      await eventually(async () => (await store.append(append)).outcome === 'appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
    });

    it('is given up at the deadline of a call, also while the log is in doubt', async () => {
      const store = await open(3000);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      await server().silence(2500);
      const read = () =>
        timed(failureOf(store.readStream('persona-1', { limit: 1, deadline: createDeadline(200) })));
      for (const [failure, ms] of [await read(), await read()]) {
        expect(failure).to.include({ name: 'EventStoreError' });
        expect(ms).to.be.below(1000);
      }
    });

    it('is given up by a read under way, which is then repeated', async () => {
      const store = await open(3000);
      await store.append([
        one(
          'persona-1',
          NO_REVISION,
          ...Array.from({ length: 400 }, () => event('A', { text: 'x'.repeat(2000) })),
        ),
      ]);
      const reading = store.readAll(null, 1000);
      await eventually(async () => ((await server().report()).calls['subscribe'] ?? 0) >= 1);
      await server().silence(1600);
      expect(await reading).to.have.length(400);
    });

    it('costs only time if it answers again before the deadline', async () => {
      const store = await open(3000);
      await server().silence(500);
      const append = [one('persona-1', NO_REVISION, event('A'))];
      expect((await store.append(append)).outcome).to.equal('appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
    });
  });
});
