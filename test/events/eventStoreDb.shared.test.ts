import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { expect } from 'chai';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import { event, failureOf, typesIn } from './contract/steps.ts';
import { onEachVersion, onFaultyServer, one } from './faultyEventStoreDb.ts';

/** More than a page of the adapter's and more than a checkpoint interval. */
const MANY = 3_000;
/** What may be read of other people's events, however many there are. */
const MAX_FOREIGN = 200;

onEachVersion('the EventStoreDB adapter on a server that others use', (version) => {
  const { server, open } = onFaultyServer({ version });
  let other: EventStoreDBClient;
  let streams = 0;

  beforeEach(() => {
    other = EventStoreDBClient.connectionString(server().url);
  });
  afterEach(async () => {
    await other.dispose();
  });

  async function othersWrite(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => jsonEvent({ type: 'Other', data: { n: 1 } }));
    for (let i = 0; i < count; i += 1000) {
      await other.appendToStream(`other-${(streams += 1)}`, events.slice(i, i + 1000));
    }
  }

  async function eventsSentDuring(work: () => Promise<unknown>): Promise<number> {
    const sent = async (): Promise<number> => (await server().report()).calls['events sent'] ?? 0;
    const before = await sent();
    await work();
    return (await sent()) - before;
  }

  it('finds its head without reading later events of others', async () => {
    const store = await open(5000);
    await store.append([one('persona-1', NO_REVISION, event('A'))]);
    const [first] = await store.readStream('persona-1', { limit: 1 });
    for (let round = 0; round < 2; round += 1) {
      await othersWrite(MANY);
      const sent = await eventsSentDuring(async () => {
        expect(await store.head()).to.equal(first!.position);
      });
      expect(sent).to.be.below(MAX_FOREIGN);
    }
  });

  it('finds its head on a new connection from events that every padron writes', async () => {
    const writer = await open(5000);
    await writer.append([one('sequence-user', NO_REVISION, event('A'))]);
    await writer.append([one('user-1', NO_REVISION, event('B'), event('C'))]);
    const newest = (await writer.readStream('user-1', { limit: 5 })).at(-1);
    await othersWrite(MANY);
    const store = await open(5000);
    const sent = await eventsSentDuring(async () => {
      expect(await store.head()).to.equal(newest!.position);
    });
    expect(sent).to.be.below(MAX_FOREIGN);
  });

  it('has no head if only others have written', async () => {
    await othersWrite(MANY);
    const store = await open(5000);
    expect(await store.head()).to.equal(null);
    expect(await store.head()).to.equal(null);
  });

  it('finds its head in a log that replaced the previous one', async () => {
    const store = await open(5000);
    await store.append([one('persona-1', NO_REVISION, event('A'), event('B'))]);
    await othersWrite(MANY);
    await store.head();
    await server().reset();
    const writer = await open(5000);
    await othersWrite(10);
    await writer.append([one('persona-2', NO_REVISION, event('C'))]);
    await othersWrite(MANY);
    expect(await store.head()).to.equal(await writer.head());
  });

  it('finds its own next event after a long stretch of others’ events', async () => {
    const store = await open(5000);
    await othersWrite(MANY);
    await store.append([one('persona-1', NO_REVISION, event('A'))]);
    const sent = await eventsSentDuring(async () => {
      expect((await store.readAll(null, 1)).map(({ type }) => type)).to.deep.equal(['A']);
    });
    expect(sent).to.be.below(MAX_FOREIGN);
  });

  it('notices a replaced log, and does not return an older state of its own', async () => {
    const store = await open(1000);
    await store.append([one('persona-1', NO_REVISION, event('A'), event('B'))]);
    await server().reset();
    expect(await failureOf(store.readStream('persona-1', { limit: 5 }))).to.have.property(
      'name',
      'EventStoreError',
    );
    await othersWrite(50);
    expect(await typesIn(store, 'persona-1')).to.deep.equal([]);
  });
});
