import { expect } from 'chai';
import { setTimeout as wait } from 'node:timers/promises';
import { readableMetadata } from '../../src/events/codec.ts';
import { withCodec } from '../../src/events/eventCodec.ts';
import type { EventBatch, EventStore, RecordedEvent, SubscribeOptions } from '../../src/events/eventStore.ts';

/** A store whose subscribers all get the same objects, one event per batch, and the ids that its codec has decoded. */
function storeOf(events: readonly RecordedEvent[]): { store: EventStore; decoded: string[] } {
  const decoded: string[] = [];
  async function* subscribe({ signal }: SubscribeOptions): AsyncGenerator<EventBatch> {
    for (const event of events) {
      if (signal.aborted) return;
      yield { events: [event], position: event.position, mark: null, caughtUp: false };
    }
  }
  const store = withCodec({ subscribe } as unknown as EventStore, {
    encode: (appends) => appends,
    decode(given) {
      decoded.push(...given.map(({ id }) => id));
      return given.map((event) => ({ ...event, data: { opened: event.id } }));
    },
  });
  return { store, decoded };
}

const eventOf = (id: string, type = 'PersonaProfileUpdated'): RecordedEvent => ({
  stream: 'persona-1',
  revision: 0,
  position: 1n,
  id,
  type,
  data: {},
  metadata: readableMetadata({}),
});

describe('Events for several subscribers of one store', () => {
  const open: AsyncIterator<EventBatch>[] = [];
  const subscriber = (store: EventStore): (() => Promise<object | undefined>) => {
    const options = { after: null, prefixes: ['persona-'], limit: 9, signal: new AbortController().signal };
    const batches = store.subscribe(options)[Symbol.asyncIterator]();
    open.push(batches);
    return async () => ((await batches.next()) as IteratorYieldResult<EventBatch>).value.events[0]?.data;
  };
  afterEach(async () => {
    for (const batches of open.splice(0)) await batches.return?.();
  });

  it('are decoded once', async () => {
    const { store, decoded } = storeOf([eventOf('a'), eventOf('b'), eventOf('c')]);
    const [one, other] = [subscriber(store), subscriber(store)];
    await Promise.all([one(), other()]);
    decoded.length = 0;
    expect([await one(), await one(), await other(), await other()]).to.deep.equal([
      { opened: 'b' },
      { opened: 'c' },
      { opened: 'b' },
      { opened: 'c' },
    ]);
    expect(decoded).to.deep.equal(['b', 'c']);
  });

  it('are decoded again after an erasure, so that no longer readable data is not shown', async () => {
    const { store, decoded } = storeOf([eventOf('a'), eventOf('b'), eventOf('erased', 'SubjectErased')]);
    const [one, other] = [subscriber(store), subscriber(store)];
    await Promise.all([one(), other()]);
    await one();
    await one();
    decoded.length = 0;
    await other();
    expect(decoded).to.deep.equal(['b']);
  });

  it('are not kept in clear for longer than a second', async () => {
    const { store, decoded } = storeOf([eventOf('a'), eventOf('b')]);
    const [one, other] = [subscriber(store), subscriber(store)];
    await Promise.all([one(), other()]);
    await one();
    await wait(1_050);
    decoded.length = 0;
    await other();
    expect(decoded).to.deep.equal(['b']);
  });

  it('are not kept for a single subscriber', async () => {
    const { store, decoded } = storeOf([eventOf('a')]);
    await subscriber(store)();
    const other = subscriber(store);
    await other();
    expect(decoded).to.deep.equal(['a', 'a']);
  });
});
