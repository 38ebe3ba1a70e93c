import { expect } from 'chai';
import { setTimeout as wait } from 'node:timers/promises';
import { readableMetadata } from '../../src/events/codec.ts';
import { withCodec } from '../../src/events/eventCodec.ts';
import type { EventBatch, EventStore, RecordedEvent, SubscribeOptions } from '../../src/events/eventStore.ts';
import { deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';

/**
 * A store whose subscribers all get the same objects, and the ids that its codec has decoded. Each event
 * is a batch of its own unless `batches` are given. `delays`: what the decoding of an event waits for.
 */
function storeOf(
  given: readonly RecordedEvent[] | { batches: readonly (readonly RecordedEvent[])[] },
  delays: Record<string, Promise<unknown>> = {},
): { store: EventStore; decoded: string[] } {
  const decoded: string[] = [];
  const batches = 'batches' in given ? given.batches : given.map((event) => [event]);
  async function* subscribe({ signal }: SubscribeOptions): AsyncGenerator<EventBatch> {
    for (const events of batches) {
      if (signal.aborted) return;
      yield { events: [...events], position: 1n, mark: null, caughtUp: false };
    }
  }
  const store = withCodec({ subscribe } as unknown as EventStore, {
    encode: (appends) => appends,
    async decode(events) {
      decoded.push(...events.map(({ id }) => id));
      await Promise.all(events.map(async ({ id }) => delays[id]));
      return events.map((event) => ({ ...event, data: { opened: event.id } }));
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

  it('are decoded again if the batch with the erasure contains them', async () => {
    const { store, decoded } = storeOf({
      batches: [[eventOf('a')], [eventOf('b'), eventOf('erased', 'SubjectErased')]],
    });
    const [one, other] = [subscriber(store), subscriber(store)];
    await Promise.all([one(), other()]);
    await one();
    decoded.length = 0;
    await other();
    expect(decoded).to.deep.equal(['b', 'erased']);
  });

  it('are decoded again if another subscriber read an erasure while they were decoded', async () => {
    const slow = deferred();
    const delays: Record<string, Promise<unknown>> = { b: slow.promise };
    const events = [eventOf('a'), eventOf('b'), eventOf('erased', 'SubjectErased')];
    const { store, decoded } = storeOf(events, delays);
    const [one, other, third] = [subscriber(store), subscriber(store), subscriber(store)];
    await Promise.all([one(), other(), third()]);
    const late = one();
    await eventually('its decoding has begun', () => decoded.includes('b'));
    delete delays['b'];
    await other();
    await other();
    slow.resolve();
    await late;
    decoded.length = 0;
    await third();
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
