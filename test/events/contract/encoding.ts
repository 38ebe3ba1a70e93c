import { expect } from 'chai';
import type { EventCodec } from '../../../src/events/eventCodec.ts';
import { NO_REVISION, type EventStore, type RecordedEvent } from '../../../src/events/eventStore.ts';
import { createDeadline } from '../../../src/platform/deadline.ts';
import type { OpenedEventStore } from '../eventStoreContract.ts';
import { event, failureOf, written } from './steps.ts';

/** Keeps of each event the stream and id that the codec was given, and its data in another shape. */
const shifting: EventCodec = {
  encode: (appends) =>
    appends.map(({ stream, expected, events }) => ({
      stream,
      expected,
      events: events.map((one) => ({ ...one, data: { kept: one.data, from: `${stream} ${one.id}` } })),
    })),
  decode: async (events) =>
    events.map((one) => ({ ...one, data: (one.data as { kept?: object }).kept ?? { was: 'plain' } })),
};

/** What a store does with the codec that it is opened with. */
export function codecRules(open: (codec?: EventCodec) => Promise<OpenedEventStore>): void {
  let opened: OpenedEventStore;
  let plain: EventStore;
  const openWith = async (codec: EventCodec): Promise<EventStore> => {
    opened = await open(codec);
    plain = await opened.openPlain();
    return opened.store;
  };
  afterEach(async () => {
    await plain.close();
    await opened.close();
  });

  it('every read returns events as they were appended', async () => {
    const store = await openWith(shifting);
    const [first, second] = [event('A', { n: 1 }), event('B', { n: 2 })];
    await written(store, 'persona-1', NO_REVISION, [first, second]);
    const dataOf = (events: readonly RecordedEvent[]): object[] => events.map(({ data }) => data);
    expect(dataOf(await store.readStream('persona-1', { limit: 9 }))).to.deep.equal([{ n: 1 }, { n: 2 }]);
    const backwards = await store.readStream('persona-1', { limit: 1, backwards: true });
    expect(dataOf(backwards)).to.deep.equal([{ n: 2 }]);
    expect(dataOf(await store.readAll(null, 9))).to.deep.equal([{ n: 1 }, { n: 2 }]);
    expect(await firstBatch(store)).to.deep.equal([{ n: 1 }, { n: 2 }]);
  });

  it('the log stores what the codec made of an event and its stream', async () => {
    const store = await openWith(shifting);
    const one = event('A', { n: 1 });
    await written(store, 'persona-1', NO_REVISION, [one]);
    const [stored] = await plain.readStream('persona-1', { limit: 1 });
    expect(stored?.data).to.deep.equal({ kept: { n: 1 }, from: `persona-1 ${one.id}` });
    expect(stored?.id).to.equal(one.id);
  });

  it('nothing is stored if the codec refuses to encode', async () => {
    const store = await openWith({ ...shifting, encode: () => Promise.reject(new Error('no key')) });
    const append = store.append([{ stream: 'persona-1', expected: NO_REVISION, events: [event('A')] }]);
    expect(await append.catch((error: unknown) => String(error))).to.equal('Error: no key');
    expect(await plain.readStream('persona-1', { limit: 9 })).to.deep.equal([]);
  });

  it('a read and a subscription fail if the codec refuses to decode', async () => {
    const store = await openWith({ ...shifting, decode: () => Promise.reject(new Error('no key')) });
    await written(plain, 'persona-1', NO_REVISION, [event('A')]);
    const failed = (error: unknown): string => String(error);
    expect(await store.readStream('persona-1', { limit: 1 }).catch(failed)).to.equal('Error: no key');
    expect(await store.readAll(null, 1).catch(failed)).to.equal('Error: no key');
    expect(await firstBatch(store).catch(failed)).to.equal('Error: no key');
  });

  it('a call ends at its deadline if the codec does not answer, and stores nothing afterwards', async () => {
    const answers: (() => void)[] = [];
    const waiting = <T>(made: T): Promise<T> =>
      new Promise((resolve) => {
        answers.push(() => {
          resolve(made);
        });
      });
    const store = await openWith({ encode: waiting, decode: waiting });
    await written(plain, 'persona-1', NO_REVISION, [event('A')]);
    const appends = [{ stream: 'persona-2', expected: NO_REVISION, events: [event('B')] }];
    const calls = [
      store.append(appends, { deadline: createDeadline(50) }),
      store.readStream('persona-1', { limit: 1, deadline: createDeadline(50) }),
      store.readAll(null, 1, { deadline: createDeadline(50) }),
    ];
    for (const failure of await Promise.all(calls.map(failureOf))) {
      expect(failure).to.include({ name: 'EventStoreError', outcomeUnknown: false });
    }
    for (const answer of answers) answer();
    expect(await plain.readStream('persona-2', { limit: 9 })).to.deep.equal([]);
  });
}

async function firstBatch(store: EventStore): Promise<object[]> {
  const ending = new AbortController();
  try {
    const options = { after: null, prefixes: ['persona-'], limit: 9, signal: ending.signal };
    for await (const { events } of store.subscribe(options)) {
      if (events.length > 0) return events.map(({ data }) => data);
    }
    return [];
  } finally {
    ending.abort();
  }
}
