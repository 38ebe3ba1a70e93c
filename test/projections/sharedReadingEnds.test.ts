import { expect } from 'chai';
import type { EventBatch, EventStore, RecordedEvent } from '../../src/events/eventStore.ts';
import { shareReadings } from '../../src/projections/following/shareReadings.ts';
import { manualClock, type ManualClock } from '../support/manualClock.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';

const VIEWS = [{ prefixes: ['persona-'] }, { prefixes: ['user-'] }];
/** Events of a batch: after three of them the reading is as far ahead as it may be. */
const LARGE = 4_000;

describe('One reading shared by views: who may join, and its end', () => {
  let time: ManualClock;
  let sleeps: AbortSignal[];
  let subscriptions: number;
  let ended: number;
  /** Batches that were asked of all subscriptions. */
  let pulled: number;
  /** Batches until the subscription ends. */
  let left: number;
  let store: EventStore;

  beforeEach(() => {
    time = manualClock();
    [subscriptions, ended, pulled, left, sleeps] = [0, 0, 0, Infinity, []];
    async function* subscribe(): AsyncGenerator<EventBatch> {
      subscriptions += 1;
      try {
        for (let number = 1; left > 0; number += 1, left -= 1) {
          pulled += 1;
          const events = Array<RecordedEvent>(LARGE).fill({ stream: 'user-1' } as RecordedEvent);
          yield { events, position: BigInt(number * LARGE), mark: null, caughtUp: false };
        }
      } finally {
        ended += 1;
      }
    }
    const timer = {
      now: time.now,
      sleep: (ms: number, signal: AbortSignal) => {
        sleeps.push(signal);
        return time.sleep(ms, signal);
      },
    };
    store = shareReadings({ ...memoryEventStore(memoryLog()), subscribe }, VIEWS, timer);
  });

  function read(): AsyncIterator<EventBatch> {
    const { signal } = new AbortController();
    const batches = store.subscribe({ after: null, prefixes: ['user-'], limit: LARGE, signal });
    return batches[Symbol.asyncIterator]();
  }
  async function take(reader: AsyncIterator<EventBatch>, batches: number): Promise<void> {
    for (let taken = 0; taken < batches; taken += 1) await reader.next();
  }

  it('reads each batch once, however many views wait for it', async () => {
    const [one, other] = [read(), read()];
    await Promise.all([one.next(), other.next()]);
    expect([subscriptions, pulled]).to.deep.equal([1, 1]);
    await Promise.all([one.next(), other.next()]);
    expect(pulled).to.equal(2);
  });

  it('ends for each view, without an error, when the subscription ends', async () => {
    left = 1;
    const [one, other] = [read(), read()];
    await Promise.all([one.next(), other.next()]);
    expect(await Promise.all([one.next(), other.next()])).to.deep.equal([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it('has left nothing behind, no timer either, when its last view has stopped', async () => {
    const one = read();
    await take(one, 1);
    await one.return?.();
    expect(ended).to.equal(1);
    expect(sleeps.map(({ aborted }) => aborted)).to.deep.equal([true]);
  });

  it('continues at once when the view that it waits for stops', async () => {
    const [one, other] = [read(), read()];
    await Promise.all([take(one, 3), take(other, 1)]);
    time.advance(1_000);
    const fifth = take(one, 2);
    await time.sleeping(1);
    await other.return?.();
    await fifth;
    expect(subscriptions).to.equal(1);
  });

  it('is not joined by a view that comes back after the last one has left', async () => {
    const one = read();
    await take(one, 1);
    await one.return?.();
    expect((await read().next()).done).to.equal(false);
    expect(subscriptions).to.equal(2);
  });

  it('is not joined once its batches are more than memory may hold', async () => {
    const [one, other] = [read(), read()];
    for (let batch = 0; batch < 4; batch += 1) await Promise.all([one.next(), other.next()]);
    await other.return?.();
    await take(read(), 1);
    expect(subscriptions).to.equal(2);
  });

  it('stops waiting for views that may join when they no longer can', async () => {
    const one = read();
    await take(one, 3);
    time.advance(500);
    const fourth = one.next();
    await time.sleeping(2);
    time.advance(500);
    expect((await fourth).done).to.equal(false);
  });
});
