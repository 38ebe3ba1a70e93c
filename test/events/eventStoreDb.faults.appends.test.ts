import { EventStoreDBClient } from '@eventstore/db-client';
import { expect } from 'chai';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import { event, failureOf, hashedStream, typesIn } from './contract/steps.ts';
import { eventually, onEachVersion, onFaultyServer, one, timed } from './faultyEventStoreDb.ts';

onEachVersion('the EventStoreDB adapter when an answer is lost or a refusal', (version) => {
  const { server, open } = onFaultyServer({ version });

  describe('an append', () => {
    it('is found to be stored if its reply is lost after the commit', async () => {
      const store = await open(800);
      await server().misbehave({ swallow: 1 });
      const result = await store.append([one('persona-1', NO_REVISION, event('A'))]);
      const stored = await store.readStream('persona-1', { limit: 10 });
      expect(stored.map((e) => e.type)).to.deep.equal(['A']);
      expect(result).to.deep.equal({ outcome: 'appended', position: stored[0]!.position });
    });

    it('is not reported as a conflict if its reply is lost and others have appended since', async () => {
      const [store, other] = [await open(800), await open(800)];
      await server().misbehave({ swallow: 1 });
      const appending = store.append([one('persona-1', NO_REVISION, event('A'))]);
      let behind;
      do behind = await other.append([one('persona-1', 0, event('B'))]);
      while (behind.outcome === 'conflict');
      expect((await appending).outcome).to.equal('appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A', 'B']);
    });

    it('is stored once if it is retried and the first attempt is committed late', async () => {
      const store = await open(1000);
      await server().misbehave({ delayMs: 700 });
      const appending = store.append([one('persona-1', NO_REVISION, event('A'))]);
      await eventually(async () => (await server().report()).calls['batchAppend'] === 1);
      await server().misbehave({ delayMs: 0 });
      expect((await appending).outcome).to.equal('appended');
      await eventually(async () => (await server().report()).calls['committed'] === 2);
      expect((await server().report()).events['persona-1']).to.equal(1);
    });

    it('reports an unknown outcome within its deadline if every reply is lost; a repeat finds out', async () => {
      const store = await open(600);
      await server().misbehave({ swallow: 1000, delayMs: 400 });
      const append = [one('persona-1', NO_REVISION, event('A'))];
      const [failure, ms] = await timed(failureOf(store.append(append)));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: true });
      expect(ms).to.be.below(1200);
      await server().misbehave({ swallow: 0, delayMs: 0 });
      expect((await store.append(append)).outcome).to.equal('appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
    });

    it('waits for a server that is not ready, and reports "not stored" if that takes too long', async () => {
      const store = await open(2000);
      await server().misbehave({ notReady: 2 });
      expect((await store.append([one('persona-1', NO_REVISION, event('A'))])).outcome).to.equal('appended');
      await server().misbehave({ notReady: 1000 });
      const failure = await failureOf(store.append([one('persona-1', 0, event('B'))]));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: false });
      await server().misbehave({ notReady: 0 });
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
    });

    it('keeps its unknown outcome if later attempts are certainly not sent', async () => {
      const store = await open(800);
      await server().misbehave({ swallow: 1 });
      const appending = failureOf(store.append([one('persona-1', NO_REVISION, event('A'))]));
      await eventually(async () => (await server().report()).calls['committed'] === 1);
      await server().misbehave({ notReady: 1000 });
      expect(await appending).to.include({ name: 'EventStoreError', outcomeUnknown: true });
    });

    it('goes to the leader if the connected node is not, or is no longer, the leader', async () => {
      const store = await open(2000);
      await server().misbehave({ notLeader: 1 });
      expect((await store.append([one('persona-1', NO_REVISION, event('A'))])).outcome).to.equal('appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
    });

    it('is refused at once as not stored if it is too large', async () => {
      const store = await open(2000);
      const large = event('A', { text: 'x'.repeat(1_100_000) });
      const failure = await failureOf(store.append([one('persona-1', NO_REVISION, large)]));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: false });
      expect(await typesIn(store, 'persona-1')).to.deep.equal([]);
    });

    it('is recognised when repeated if the server forgot its ids; other events at that place are a conflict', async () => {
      const store = await open(2000);
      const append = [one('persona-1', NO_REVISION, event('A'), event('B'))];
      const first = await store.append(append);
      await store.append([one('persona-1', 1, event('C'))]);
      await server().misbehave({ forgetful: 2 });
      expect(await store.append(append)).to.deep.equal(first);
      const other = await store.append([one('persona-1', NO_REVISION, event('A'), event('B'))]);
      expect(other).to.deep.equal({ outcome: 'conflict', stream: 'persona-1', actual: 2 });
    });

    it('over several streams reports that something may be stored if it fails after the first stream', async () => {
      const store = await open(2000);
      const large = event('B', { text: 'x'.repeat(1_100_000) });
      const appends = [
        one(hashedStream('reservation', 'a'), NO_REVISION, event('A')),
        one('persona-1', NO_REVISION, large),
      ];
      expect(await failureOf(store.append(appends))).to.include({ outcomeUnknown: true });
      expect(await typesIn(store, hashedStream('reservation', 'a'))).to.deep.equal(['A']);
    });

    it('is answered without a position when repeated on a stream that was deleted since', async () => {
      const store = await open(2000);
      const append = [one('persona-1', NO_REVISION, event('A'))];
      await store.append(append);
      await deleteStream('persona-1');
      expect(await store.append(append)).to.deep.equal({ outcome: 'appended', position: null });
      expect(await typesIn(store, 'persona-1')).to.deep.equal([]);
    });

    it('fails on a stream deleted before, because it would get other revisions than it asked for', async () => {
      const store = await open(2000);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      await deleteStream('persona-1');
      const failure = await failureOf(store.append([one('persona-1', NO_REVISION, event('B'))]));
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: true });
    });

    it('shares one call with the others, without asking the server for its features', async () => {
      const store = await open(2000);
      const streams = Array.from({ length: 20 }, (_, i) => `persona-${i + 1}`);
      await Promise.all(streams.map((stream) => store.append([one(stream, NO_REVISION, event('A'))])));
      const { calls } = await server().report();
      expect(calls).to.include({ batchAppend: 20, 'batchAppend for the leader': 20 });
      expect(calls).to.not.have.any.keys('append', 'features');
    });

    it('uses its own call on a server without the shared call, and tries the shared one only once', async () => {
      const store = await open(2000);
      await server().misbehave({ withoutBatch: 1 });
      for (const revision of [NO_REVISION, 0, 1]) {
        const result = await store.append([one('persona-1', revision, event('A'))]);
        expect(result.outcome).to.equal('appended');
      }
      expect((await server().report()).calls).to.include({ batchAppend: 1, append: 3 });
    });

    it('does not delay later appends on the shared call if it gets no answer', async () => {
      const store = await open(3000);
      await server().misbehave({ swallow: 1 });
      const lost = store.append([one('persona-1', NO_REVISION, event('A'))]);
      await eventually(async () => (await server().report()).calls['committed'] === 1);
      const [behind, ms] = await timed(store.append([one('persona-2', NO_REVISION, event('A'))]));
      expect(behind.outcome).to.equal('appended');
      expect(ms).to.be.below(1000);
      expect((await lost).outcome).to.equal('appended');
    });

    it('is not affected when another connection of the process closes', async () => {
      const [store, other] = [await open(5000), await open(5000)];
      await server().misbehave({ delayMs: 200 });
      const appending = store.append([one('persona-1', NO_REVISION, event('A'))]);
      const closing = other.append([one('persona-2', NO_REVISION, event('A'))]);
      await other.close();
      expect((await appending).outcome).to.equal('appended');
      expect((await closing).outcome).to.equal('appended');
      expect((await server().report()).calls).to.include({ committed: 2 });
    });
  });

  describe('a lost connection', () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    before(() => process.on('unhandledRejection', note));
    after(() => process.off('unhandledRejection', note));
    afterEach(() => {
      expect(unhandled, 'no rejection is left unhandled').to.deep.equal([]);
    });

    for (const [count, kilobytes] of [
      [300, 1],
      [40, 200],
    ] as const) {
      it(`with ${count} appends of ${kilobytes} KB in flight loses none and stores none twice`, async () => {
        const store = await open(10_000);
        await server().misbehave({ dropAfter: count / 2 });
        const data = { text: 'x'.repeat(kilobytes * 1000) };
        const streams = Array.from({ length: count }, (_, i) => `persona-${i + 1}`);
        const results = await Promise.all(
          streams.map((stream) => store.append([one(stream, NO_REVISION, event('A', data))])),
        );
        expect(results.map((result) => result.outcome)).to.deep.equal(Array(count).fill('appended'));
        const { events } = await server().report();
        expect(streams.map((stream) => events[stream])).to.deep.equal(Array(count).fill(1));
      });
    }

    it('in the middle of 200 racing repeats leaves one event', async () => {
      const store = await open(5000);
      await server().misbehave({ dropAfter: 1 });
      const append = [one('persona-1', NO_REVISION, event('A'))];
      const results = await Promise.all(Array.from({ length: 200 }, () => store.append(append)));
      expect(results.every((result) => result.outcome === 'appended')).to.equal(true);
      expect((await server().report()).events['persona-1']).to.equal(1);
    });
  });

  async function deleteStream(stream: string): Promise<void> {
    const client = EventStoreDBClient.connectionString(server().url);
    await client.deleteStream(stream);
    await client.dispose();
  }
});
