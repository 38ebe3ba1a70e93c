import { expect } from 'chai';
import type { EventBatch, EventStore, RecordedEvent, SubscribeOptions } from '../../src/events/eventStore.ts';
import { KeyUnavailableError } from '../../src/events/eventErrors.ts';
import { shareReadings } from '../../src/projections/following/shareReadings.ts';
import { deferred } from '../support/deferred.ts';
import { manualClock, type ManualClock } from '../support/manualClock.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';

const VIEWS = [{ prefixes: ['persona-'] }, { prefixes: ['user-'] }];
/** Events of a batch: after three of them the reading is as far ahead as it may be. */
const LARGE = 4_000;

/** A batch of many events, alternately of a person and of a user. */
function largeBatch(number: number, caughtUp = false): EventBatch {
  const events = Array.from({ length: LARGE }, (_, index) => {
    const position = BigInt((number - 1) * LARGE + index + 1);
    return { stream: index % 2 === 0 ? 'persona-1' : 'user-1', position } as RecordedEvent;
  });
  return { events, position: BigInt(number * LARGE), mark: null, caughtUp };
}

/** Lets everything run that waits for nothing. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('one reading shared by views', () => {
  let time: ManualClock;
  let asked: SubscribeOptions[];
  let source: (options: SubscribeOptions) => AsyncIterable<EventBatch>;
  let store: EventStore;
  let stop: AbortController;

  beforeEach(() => {
    time = manualClock();
    asked = [];
    stop = new AbortController();
    source = async function* () {
      for (let number = 1; ; number += 1) yield largeBatch(number);
    };
    const subscribe = (options: SubscribeOptions): AsyncIterable<EventBatch> => {
      asked.push(options);
      return source(options);
    };
    store = shareReadings({ ...memoryEventStore(memoryLog()), subscribe }, VIEWS, time);
  });

  function read(prefix: string, options: Partial<SubscribeOptions> = {}): AsyncIterator<EventBatch> {
    const own = { after: null, prefixes: [prefix], limit: LARGE, signal: stop.signal, ...options };
    return store.subscribe(own)[Symbol.asyncIterator]();
  }
  async function next(reader: AsyncIterator<EventBatch>, times = 1): Promise<EventBatch> {
    let step = await reader.next();
    for (let taken = 1; taken < times; taken += 1) step = await reader.next();
    return step.value as EventBatch;
  }

  it('gives each view its own events, for one subscription to those of all', async () => {
    const [personas, users] = [read('persona-'), read('user-')];
    const [ofPersonas, ofUsers] = await Promise.all([next(personas), next(users)]);
    expect(ofPersonas.events.map(({ stream }) => stream)).to.deep.equal(Array(LARGE / 2).fill('persona-1'));
    expect(ofUsers.events.map(({ stream }) => stream)).to.deep.equal(Array(LARGE / 2).fill('user-1'));
    expect(ofUsers.position).to.equal(BigInt(LARGE));
    expect(asked.map(({ prefixes }) => prefixes)).to.deep.equal([['persona-', 'user-']]);
  });

  it('lets a view read on its own that starts after another position, or asks for batches of another size', async () => {
    await Promise.all([
      next(read('persona-')),
      next(read('user-', { after: 7n })),
      next(read('user-', { limit: 9 })),
    ]);
    expect(asked.map(({ after, limit }) => [after, limit])).to.deep.equal([
      [null, LARGE],
      [7n, LARGE],
      [null, 9],
    ]);
  });

  it('begins with the first batch for a view that joins within a second', async () => {
    await next(read('persona-'), 2);
    time.advance(999);
    expect((await next(read('user-'))).position).to.equal(BigInt(LARGE));
    expect(asked).to.have.length(1);
  });

  it('is not joined after a second, when it may be stuck', async () => {
    await next(read('persona-'));
    time.advance(1_000);
    await settled();
    await next(read('user-'));
    expect(asked).to.have.length(2);
  });

  it('continues without a view that stops, and ends with the last one', async () => {
    const [personas, users] = [read('persona-'), read('user-')];
    await Promise.all([next(personas), next(users)]);
    await personas.return?.();
    expect((await next(users)).position).to.equal(BigInt(2 * LARGE));
    expect(asked[0]?.signal.aborted).to.equal(false);
    await users.return?.();
    expect(asked[0]?.signal.aborted).to.equal(true);
  });

  it('ends for a view whose signal aborts while it waits for the next batch', async () => {
    source = async function* ({ signal }) {
      yield largeBatch(1, true);
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
    };
    const leaving = new AbortController();
    const [personas, users] = [read('persona-', { signal: leaving.signal }), read('user-')];
    await Promise.all([next(personas), next(users)]);
    const waiting = personas.next();
    leaving.abort();
    expect(await waiting).to.deep.equal({ done: true, value: undefined });
    expect(asked[0]?.signal.aborted).to.equal(false);
  });

  it('throws at each view what the subscription throws', async () => {
    source = async function* () {
      yield largeBatch(1);
      throw new Error('another log');
    };
    const [personas, users] = [read('persona-'), read('user-')];
    await Promise.all([next(personas), next(users)]);
    const failures = [personas, users].map((reader) => reader.next().catch((error: unknown) => error));
    for (const failure of await Promise.all(failures)) {
      expect(failure).to.have.property('message', 'another log');
    }
  });

  it('lets each view read on alone before an event whose key is missing, so that only its own views wait', async () => {
    const missing = new KeyUnavailableError('user-1@3');
    source = async function* ({ prefixes, after }) {
      if (after === null) yield largeBatch(1);
      if (prefixes.includes('user-')) throw missing;
      yield largeBatch(2, true);
    };
    const [personas, users] = [read('persona-'), read('user-')];
    await Promise.all([next(personas), next(users)]);
    expect((await next(personas)).position).to.equal(BigInt(2 * LARGE));
    expect(await users.next().catch((error: unknown) => error)).to.equal(missing);
    expect(asked.slice(1).map(({ after, prefixes }) => [after, prefixes])).to.deep.equal([
      [BigInt(LARGE), ['persona-']],
      [BigInt(LARGE), ['user-']],
    ]);
  });

  it('waits a second, while it catches up, for a view that is far behind, then continues without it', async () => {
    const [personas, users] = [read('persona-'), read('user-')];
    await Promise.all([next(personas, 3), next(users)]);
    time.advance(1_000);
    const fifth = next(personas, 2);
    let isThere = false;
    void fifth.then(() => (isThere = true));
    await time.sleeping(1);
    time.advance(999);
    await settled();
    expect(isThere).to.equal(false);
    time.advance(1);
    expect((await fifth).position).to.equal(BigInt(5 * LARGE));
    expect(asked).to.have.length(1);
  });

  it('resumes where it was with a subscription of its own for a view that was left behind', async () => {
    source = async function* ({ after }) {
      for (let number = Number(after ?? 0n) / LARGE + 1; ; number += 1) yield largeBatch(number, true);
    };
    const [personas, users] = [read('persona-'), read('user-')];
    await Promise.all([next(personas, 3), next(users)]);
    await next(personas, 3);
    expect((await next(users)).position).to.equal(BigInt(2 * LARGE));
    expect(asked.map(({ after }) => after)).to.deep.equal([null, BigInt(LARGE)]);
    expect(asked[1]?.prefixes).to.deep.equal(['user-']);
  });

  it('waits for a view that moves', async () => {
    const [personas, users] = [read('persona-'), read('user-')];
    await Promise.all([next(personas, 3), next(users)]);
    time.advance(1_000);
    const fifth = next(personas, 2);
    await time.sleeping(1);
    time.advance(500);
    expect((await next(users, 2)).position).to.equal(BigInt(3 * LARGE));
    expect((await fifth).position).to.equal(BigInt(5 * LARGE));
    expect(asked).to.have.length(1);
  });

  it('is not read further ahead than memory allows before all views may have joined', async () => {
    const isRead = deferred();
    source = async function* () {
      for (let number = 1; ; number += 1) {
        if (number === 4) isRead.resolve();
        yield largeBatch(number);
      }
    };
    const personas = read('persona-');
    await next(personas, 3);
    const fourth = next(personas);
    await time.sleeping(2);
    const users = read('user-');
    expect((await next(users)).position).to.equal(BigInt(LARGE));
    await next(users);
    await isRead.promise;
    expect((await fourth).position).to.equal(BigInt(4 * LARGE));
    expect(asked).to.have.length(1);
  });
});
