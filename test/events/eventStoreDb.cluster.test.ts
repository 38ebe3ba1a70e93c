import { expect } from 'chai';
import { setTimeout as wait } from 'node:timers/promises';
import { createDeadline } from '../../src/platform/deadline.ts';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import type { EventStore, RecordedEvent } from '../../src/events/eventStore.ts';
import { closeClient, createClient } from '../../src/events/stores/eventstoredb/connecting/client.ts';
import { createAppendStream } from '../../src/events/stores/eventstoredb/calls/appendStream.ts';
import type { Connection } from '../../src/events/stores/eventstoredb/connecting/connection.ts';
import { holds } from '../../src/events/stores/eventstoredb/reading/head.ts';
import { knownRevisions } from '../../src/events/stores/eventstoredb/reading/knownRevisions.ts';
import { readUpToDate } from '../../src/events/stores/eventstoredb/reading/readUpToDate.ts';
import { event, failureOf, typesIn } from './contract/steps.ts';
import { itLong } from '../support/long.ts';
import { eventually, followed, onEachVersion, onFaultyServer, one } from './faultyEventStoreDb.ts';

const NODES = 3;

onEachVersion('the EventStoreDB adapter on a cluster', (version) => {
  const { server, open } = onFaultyServer({ version, nodes: NODES });

  const countOf = async (what: string): Promise<number> => (await server().report()).calls[what] ?? 0;
  const leader = async (): Promise<number> => {
    const { leader: node } = await server().report();
    if (node === null) throw new Error('no leader');
    return node;
  };

  it('requires the leader in every call except subscriptions', async () => {
    const store = await open(3000);
    await store.append([one('persona-1', NO_REVISION, event('A'))]);
    await store.readStream('persona-1', { limit: 1 });
    await store.head();
    const { calls } = await server().report();
    for (const call of ['batchAppend', 'readStream', 'readAll']) {
      expect(calls[`${call} for the leader`], call).to.equal(calls[call]).and.be.at.least(1);
    }
    for await (const batch of followed(store)) if (batch.caughtUp) break;
    expect((await server().report()).calls).to.not.have.property('subscribe for the leader');
  });

  it('reads the leader’s state even when connected to a follower that lags', async () => {
    await server().setPace({ followerLagMs: 60_000 });
    const writer = await open(3000);
    await writer.append([one('persona-1', NO_REVISION, event('A'))]);
    const reader = await open(3000, server().urlOf(1));
    expect(await typesIn(reader, 'persona-1')).to.deep.equal(['A']);
    expect((await reader.readAll(null, 10)).map(({ type }) => type)).to.deep.equal(['A']);
    expect(await reader.head()).to.equal(await writer.head());
  });

  it('reports a conflict only when the conflicting event can be read', async () => {
    const [first, second] = [await open(5000), await open(5000)];
    await server().holdReplication();
    const winning = first.append([one('persona-1', NO_REVISION, event('A'))]);
    await eventually(async () => (await countOf('batchAppend')) === 1);
    let answered = false;
    const losing = second.append([one('persona-1', NO_REVISION, event('B'))]);
    void losing.then(() => (answered = true));
    await eventually(async () => (await countOf('batchAppend')) >= 3);
    expect(answered).to.equal(false);
    await server().releaseReplication();
    expect(await losing).to.deep.equal({ outcome: 'conflict', stream: 'persona-1', actual: 0 });
    expect(await typesIn(second, 'persona-1')).to.deep.equal(['A']);
    expect((await winning).outcome).to.equal('appended');
  });

  it('reports that nothing was stored if the conflicting event stays unreadable until the deadline', async () => {
    const [first, second] = [await open(20_000), await open(4_000)];
    await server().holdReplication();
    const winning = first.append([one('persona-1', NO_REVISION, event('A'))]);
    await eventually(async () => (await countOf('batchAppend')) === 1);
    const losing = second.append([one('persona-1', NO_REVISION, event('B'))]);
    expect(await failureOf(losing)).to.include({ name: 'EventStoreError', outcomeUnknown: false });
    await server().releaseReplication();
    expect((await winning).outcome).to.equal('appended');
  });

  it('stores one of two appends if the next leader has neither', async () => {
    const [first, second] = [await open(10_000), await open(10_000)];
    await server().holdReplication();
    const append = (store: EventStore, type: string) =>
      store.append([one('persona-1', NO_REVISION, event(type))]);
    const appends = [append(first, 'A')];
    await eventually(async () => (await countOf('batchAppend')) === 1);
    appends.push(append(second, 'B'));
    await eventually(async () => (await countOf('batchAppend')) >= 3);
    await server().kill('leader');
    await server().releaseReplication();
    const outcomes = (await Promise.all(appends)).map(({ outcome }) => outcome);
    expect(outcomes.sort()).to.deep.equal(['appended', 'conflict']);
    expect(await typesIn(first, 'persona-1')).to.have.lengthOf(1);
  });

  for (const loss of ['kill', 'pause'] as const) {
    (loss === 'kill' ? it : itLong)(`continues with the next leader (${loss})`, async () => {
      const store = await open(6000);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      const lost = await leader();
      await server()[loss]('leader');
      const appending = store.append([one('persona-1', 0, event('B'))]);
      const reading = store.readStream('persona-1', { limit: 1 });
      expect((await appending).outcome).to.equal('appended');
      expect((await reading).map(({ type }) => type)).to.deep.equal(['A']);
      expect(await leader()).to.not.equal(lost);
      await server().resumeNode(lost);
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A', 'B']);
    });
  }

  it('delivers every event to a subscriber whose node dies', async () => {
    const store = await open(6000);
    const types: string[] = [];
    for await (const batch of followed(store)) {
      types.push(...batch.events.map(({ type }) => type));
      if (types.length === 3) break;
      if (!batch.caughtUp || types.length > 0) continue;
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      await server().kill('leader');
      await store.append([one('persona-1', 0, event('B'), event('C'))]);
    }
    expect(types).to.deep.equal(['A', 'B', 'C']);
  });

  it('does not wait for a leader beyond the deadline of the call', async () => {
    const store = await open(60_000);
    await store.append([one('persona-1', NO_REVISION, event('A'))]);
    await server().setPace({ electionMs: 60_000 });
    await server().kill('leader');
    const deadline = createDeadline(500);
    const calls = [
      store.append([one('persona-1', 0, event('B'))], { deadline }),
      store.readStream('persona-1', { limit: 1, deadline }),
      store.readAll(null, 1, { deadline }),
      store.head({ deadline }),
    ];
    const start = performance.now();
    for (const failure of await Promise.all(calls.map(failureOf))) {
      expect(failure).to.have.property('name', 'EventStoreError');
    }
    expect(performance.now() - start).to.be.below(2_000);
  });

  describe('a node that wrongly considers itself the leader', () => {
    /**
     * Reads from the former leader, which lacks the newest event and does not know it. It stays paused for
     * the first `pausedMs` of the read.
     */
    async function behindItsBack<T>(
      { staleMs, deadlineMs, pausedMs = 0 }: { staleMs: number; deadlineMs: number; pausedMs?: number },
      read: (connection: Connection, newest: RecordedEvent) => Promise<T>,
    ): Promise<T> {
      await server().setPace({ staleMs });
      const store = await open(6000);
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      const stale = await leader();
      await server().pause(stale);
      await store.append([one('persona-1', 0, event('B'))]);
      const [, newest] = await store.readStream('persona-1', { limit: 2 });
      const resuming = wait(pausedMs).then(() => server().resumeNode(stale));
      if (pausedMs === 0) await resuming;
      const client = createClient(server().urlOf(stale));
      const logger = { info: () => undefined, warn: () => undefined };
      try {
        const connection = { client, appends: createAppendStream(client), deadlineMs, logger };
        return await read({ ...connection, isCluster: true }, newest!);
      } finally {
        await resuming;
        await closeClient(client);
      }
    }

    const typesRead = (staleMs: number, deadlineMs: number): Promise<string[]> =>
      behindItsBack({ staleMs, deadlineMs }, async (connection, newest) => {
        const known = knownRevisions();
        known.saw(newest);
        const events = await readUpToDate(connection, 'persona-1', { limit: 10 }, known);
        return events.map(({ type }) => type);
      });

    it('is not trusted: the read is repeated until the real leader answers', async () => {
      expect(await typesRead(300, 6000)).to.deep.equal(['A', 'B']);
    });

    it('does not make the log look like another one because it ends earlier there', async () => {
      const ask = { staleMs: 600, deadlineMs: 6_000 };
      expect(await behindItsBack(ask, (connection, newest) => holds(connection, newest))).to.equal(true);
    });

    it('leaves open whether the log is another one if the deadline passes before the leader answers', async () => {
      const asking = behindItsBack({ staleMs: 60_000, deadlineMs: 500 }, (connection, newest) =>
        holds(connection, newest),
      );
      expect(await failureOf(asking)).to.include({ name: 'EventStoreError', outcomeUnknown: false });
    });

    itLong('is not believed when its first answer takes some seconds, because it was paused', async () => {
      const ask = { staleMs: 600, deadlineMs: 20_000, pausedMs: 5_200 };
      expect(await behindItsBack(ask, (connection, newest) => holds(connection, newest))).to.equal(true);
    });

    itLong('is believed after some seconds: a restored log may be shorter', async () => {
      const ask = { staleMs: 60_000, deadlineMs: 10_000 };
      expect(await behindItsBack(ask, (connection, newest) => holds(connection, newest))).to.equal(false);
    });

    itLong('is not trusted when the deadline passes either', async () => {
      expect(await failureOf(typesRead(60_000, 500))).to.include({
        name: 'EventStoreError',
        outcomeUnknown: false,
      });
    });
  });
});
