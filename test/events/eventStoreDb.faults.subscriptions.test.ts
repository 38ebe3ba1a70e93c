import { expect } from 'chai';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import type { NewEvent } from '../../src/events/eventStore.ts';
import { TRAITS } from '../support/eventstoredb/versions.ts';
import { everything } from './contract/following.ts';
import { event } from './contract/steps.ts';
import { followed, onEachVersion, onFaultyServer, one } from './faultyEventStoreDb.ts';

onEachVersion('the EventStoreDB adapter when a subscription is lost', (version) => {
  const { server, open } = onFaultyServer({ version });

  describe('a subscription', () => {
    const many = (n: number, data: object = {}): NewEvent[] =>
      Array.from({ length: n }, (_, i) => event(`E${i}`, data));

    it('catches up with a slow consumer, completely and in order', async () => {
      const store = await open(5000);
      await server().misbehave({ liveBuffer: 30 });
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
      if (TRAITS[version].dropsSlow) {
        expect((await server().report()).calls['subscribe']).to.be.at.least(2);
      }
    });

    it('does not report a server checkpoint without an event as a position', async () => {
      const store = await open(5000);
      for await (const batch of followed(store)) {
        expect(batch.position <= 10_000n, String(batch.position)).to.equal(true);
        if (batch.caughtUp) break;
      }
    });

    it('does not skip the event at a checkpoint that the server has not delivered yet', async () => {
      const store = await open(5000);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      await server().misbehave({ wrongCheckpoints: 1 });
      const { signal } = new AbortController();
      const types: string[] = [];
      for await (const batch of followed(store, 1)) {
        types.push(...batch.events.map((e) => e.type));
        // Behind this batch the checkpoint is under way, at the place that B now takes.
        if (!batch.caughtUp) await store.append([one('persona-1', 0, event('B'))]);
        else {
          for await (const next of store.subscribe({ ...everything(), after: batch.position, signal })) {
            types.push(...next.events.map((e) => e.type));
            if (next.caughtUp) break;
          }
          break;
        }
      }
      expect(types).to.deep.equal(['A', 'B']);
    });

    for (const how of ['end', 'slow'] as const) {
      it(`continues where it was when the server ends it (${how})`, async () => {
        const store = await open(5000);
        await store.append([one('persona-1', NO_REVISION, ...many(5))]);
        const revisions: number[] = [];
        let left = false;
        for await (const batch of followed(store)) {
          revisions.push(...batch.events.map((e) => e.revision));
          if (revisions.length === 10) break;
          if (!batch.caughtUp || left) continue;
          left = true;
          await server().dropSubscribers(how);
          await store.append([one('persona-1', 4, ...many(5))]);
        }
        expect(revisions).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        expect((await server().report()).calls['subscribe']).to.equal(2);
      });
    }

    it('is complete and in order although connections are cut repeatedly', async () => {
      const store = await open(5000);
      const writing = (async () => {
        for (let i = 0; i < 200; i += 1) {
          if (i % 40 === 39) await server().dropConnections();
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

    it('is retried until it succeeds when the server refuses it for a while', async () => {
      const store = await open(5000);
      await store.append([one('persona-1', NO_REVISION, ...many(3))]);
      await server().misbehave({ notReady: 3 });
      const revisions: number[] = [];
      for await (const batch of followed(store)) {
        revisions.push(...batch.events.map((e) => e.revision));
        if (batch.caughtUp) break;
      }
      expect(revisions).to.deep.equal([0, 1, 2]);
    });
  });
});
