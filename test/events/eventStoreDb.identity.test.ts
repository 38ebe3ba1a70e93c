import { expect } from 'chai';
import { NO_REVISION, type EventStore } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { eventually } from '../support/eventually.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { everything } from './contract/following.ts';
import { event, typesIn, written } from './contract/steps.ts';

describe('EventStoreDB that returns from an outage with another log', () => {
  let server: EventStoreDbServer;
  let store: EventStore;
  let replacements: number;

  before(async () => {
    server = await EventStoreDbServer.start();
  });
  after(() => server.close());
  beforeEach(async () => {
    await server.reset();
    store = await openEventStoreDb({ url: server.url, deadlineMs: 2_000 });
    replacements = 0;
    store.onReplaced(() => (replacements += 1));
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
  });
  afterEach(() => store.close());

  it('is detected after a lost subscription, without any call; calls then reject', async () => {
    const follow = async (): Promise<void> => {
      const { signal } = new AbortController();
      for await (const { caughtUp } of store.subscribe({ ...everything(), signal })) {
        if (!caughtUp) continue;
        await server.reset();
        await server.dropConnections();
      }
    };
    const failure: unknown = await follow().catch((error: unknown) => error);
    expect(failure).to.include({ name: 'LogReplacedError' });
    expect(replacements).to.equal(1);
  });

  it('is detected before the first call after the outage is answered', async () => {
    await server.stop();
    await store.head().catch(() => null);
    await server.reset();
    await server.resume();
    await eventually('it answers again', async () => {
      const types = await typesIn(store, 'persona-1').catch(() => null);
      return types !== null && types.length === 0;
    });
    expect(replacements).to.equal(1);
  });

  it('is not reported if the log is the same', async () => {
    await server.stop();
    await store.head().catch(() => null);
    await server.resume();
    await eventually('it answers again', () => typesIn(store, 'persona-1').catch(() => null));
    expect(replacements).to.equal(0);
  });
});
