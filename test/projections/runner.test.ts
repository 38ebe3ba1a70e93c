import { expect } from 'chai';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { EventBatch, EventStore } from '../../src/events/eventStore.ts';
import type { Projection } from '../../src/projections/folding/projection.ts';
import type { Checkpoint } from '../../src/projections/record/viewDeclaration.ts';
import { followLog, type LogFollower } from '../../src/projections/following/followLog.ts';
import type { FollowerStatus } from '../../src/projections/record/followerStatus.ts';
import { deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { manualClock, type ManualClock } from '../support/manualClock.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { immediateClock, testProcess } from '../support/processes.ts';

const isOfPerson = ({ stream }: { stream: string }): boolean => stream.startsWith('persona-');

/** A projection that only notes what it is given. */
interface Noted {
  projection: Projection;
  /** Positions of the events that were applied. */
  applied: Set<bigint>;
  /** Where its checkpoint moved. */
  moves: bigint[];
  checkpoint: Checkpoint | null;
  /** Runs before each batch is applied. */
  beforeApply(): Promise<void>;
}

function notingProjection(): Noted {
  const applied = new Set<bigint>();
  const moves: bigint[] = [];
  const noted: Noted = {
    applied,
    moves,
    checkpoint: null,
    beforeApply: async () => undefined,
    projection: {
      name: 'personas',
      prefixes: ['persona-'],
      checkpoint: async () => noted.checkpoint,
      async apply(events, from, to) {
        await noted.beforeApply();
        if (noted.checkpoint?.position !== from?.position) return 'refused';
        for (const { position } of events) applied.add(position);
        noted.checkpoint = to;
        moves.push(to.position);
        return 'written';
      },
      filling: () => {
        throw new Error('a runner fills nothing');
      },
      settle: async () => undefined,
    },
  };
  return noted;
}

describe('A follower of the log', () => {
  let log: MemoryLog;
  let store: EventStore;
  let noted: Noted;
  let time: ManualClock;
  let statuses: FollowerStatus[];
  let runner: LogFollower | null;

  beforeEach(async () => {
    log = memoryLog();
    store = memoryEventStore(log);
    noted = notingProjection();
    time = manualClock();
    statuses = [];
    runner = null;
    await register(10);
  });
  afterEach(() => runner?.stop());

  async function register(count: number): Promise<void> {
    const people = testProcess(store);
    const before = log.events.length;
    for (let i = 0; i < count; i += 1) {
      await people.register({ dni: `D${before}.${i}`, cuenta: `c${before}.${i}` });
    }
  }
  function run(over: Partial<EventStore> = {}): LogFollower {
    runner = followLog({
      consumer: noted.projection,
      store: { ...store, ...over },
      clock: immediateClock,
      timer: time,
      onChange: (status) => statuses.push(status),
    });
    return runner;
  }
  const end = (): bigint => log.events.at(-1)?.position ?? 0n;
  const ofPersons = (): bigint[] => log.events.filter(isOfPerson).map(({ position }) => position);
  const isLevel = (): boolean => noted.checkpoint?.position === end();
  /** The log from its beginning, `size` events at a time. */
  function batches(size: number): EventBatch[] {
    const { events } = log;
    return Array.from({ length: Math.ceil(events.length / size) }, (_, index) => {
      const page = events.slice(index * size, (index + 1) * size);
      const last = page.at(-1)!;
      const caughtUp = last.position === end();
      const mark = { position: last.position, id: last.id };
      return { events: page.filter(isOfPerson), position: last.position, mark, caughtUp };
    });
  }
  /** Moves time on, pause by pause, until `look` finds what it looks for. */
  const inTime = (what: string, look: () => boolean): Promise<boolean> =>
    time.until(eventually(what, look).then(() => true));

  it('misses no event when a batch is refused because another process moved the checkpoint', async () => {
    const gate = deferred();
    const reached = deferred();
    let subscriptions = 0;
    run({
      async *subscribe(options) {
        subscriptions += 1;
        if (subscriptions > 1) {
          yield* store.subscribe(options);
          return;
        }
        const [first, ...others] = batches(15);
        yield first!;
        reached.resolve();
        await gate.promise;
        yield* others;
      },
    });
    await reached.promise;
    // Another holder, on a stale lease, moves the checkpoint by a few events between two batches of this one.
    const other = log.events[19]!;
    for (const { position } of log.events.slice(0, 20).filter(isOfPerson)) noted.applied.add(position);
    noted.checkpoint = { position: other.position, event: { position: other.position, id: other.id } };
    gate.resolve();
    await inTime('the view is level', isLevel);
    expect([...noted.applied].sort(byValue)).to.deep.equal(ofPersons());
    expect(subscriptions).to.equal(2);
    expect(statuses.map(({ state, lastError }) => [state, lastError])).to.deep.equal([
      ['stalled', 'another process moved the checkpoint: following again from there'],
      ['live', null],
    ]);
  });

  it('follows again from a checkpoint that went back, as after a server lost its last writes in a crash', async () => {
    run();
    await inTime('the view is level', isLevel);
    const back = log.events[12]!;
    noted.checkpoint = { position: back.position, event: { position: back.position, id: back.id } };
    noted.applied.clear();
    for (const position of ofPersons()) if (position <= back.position) noted.applied.add(position);
    await register(1);
    await inTime('the view is level', isLevel);
    expect([...noted.applied].sort(byValue)).to.deep.equal(ofPersons());
  });

  it('pauses after a refused batch, so that two followers do not spin', async () => {
    let subscriptions = 0;
    run({
      subscribe(options) {
        subscriptions += 1;
        noted.checkpoint = { position: BigInt(subscriptions), event: null };
        return store.subscribe({ ...options, after: null });
      },
    });
    await eventually('it was refused', () => statuses.length === 1);
    await rest();
    expect(subscriptions).to.equal(1);
    await inTime('it has tried again', () => subscriptions >= 3);
  });

  it('does not apply a batch again that is before the checkpoint', async () => {
    const [first, second, ...others] = batches(15);
    const isDone = deferred();
    run({
      async *subscribe({ signal }) {
        yield first!;
        yield second!;
        yield first!;
        yield* others;
        isDone.resolve();
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
      },
    });
    await isDone.promise;
    expect(noted.moves).to.deep.equal([...noted.moves].sort(byValue));
    expect(noted.moves.length).to.equal(others.length + 2);
    expect(statuses).to.deep.equal([]);
  });

  it('follows again and reports why when a call for its batch never gets an answer', async () => {
    const never = deferred();
    noted.beforeApply = () => {
      noted.beforeApply = async () => undefined;
      return never.promise;
    };
    run();
    await inTime('the view is level', isLevel);
    expect(statuses.map(({ lastError }) => lastError)).to.deep.equal([
      'no store has answered for 30 s: following again',
      null,
    ]);
    // The answer comes after all: it changes nothing any more.
    const moves = noted.moves.length;
    never.resolve();
    await rest();
    expect(noted.moves.length).to.equal(moves);
  });

  it('follows again and reports why when the subscription does not deliver events that the log has', async () => {
    let subscriptions = 0;
    run({
      async *subscribe(options) {
        subscriptions += 1;
        if (subscriptions === 1) await deferred().promise;
        yield* store.subscribe(options);
      },
    });
    await inTime('the view is level', isLevel);
    expect(statuses[0]).to.include({
      state: 'stalled',
      lastError: 'the event store has delivered nothing of what it holds for 30 s: following again',
    });
  });

  it('waits for new events for any time, with one check of the head every ten seconds', async () => {
    let looks = 0;
    let subscriptions = 0;
    run({
      head: () => {
        looks += 1;
        return store.head();
      },
      subscribe(options) {
        subscriptions += 1;
        return store.subscribe(options);
      },
    });
    await inTime('the view is level', isLevel);
    const before = { looks, subscriptions, now: time.now() };
    await time.until(eventually('100 s', () => time.now() - before.now >= 100_000));
    expect(looks - before.looks)
      .to.be.at.most((time.now() - before.now) / 10_000 + 1)
      .and.at.least(9);
    expect(subscriptions).to.equal(before.subscriptions);
    expect(statuses).to.deep.equal([]);
  });

  it('is stalled while the event store does not answer, even if nothing was written', async () => {
    let isAway = false;
    const away = new EventStoreError('the event store does not answer', { outcomeUnknown: false });
    const expectThere = (): void => {
      if (isAway) throw away;
    };
    const one = run({
      head: async () => {
        expectThere();
        return store.head();
      },
      subscribe(options) {
        expectThere();
        return store.subscribe(options);
      },
    });
    await inTime('the view is level', isLevel);
    isAway = true;
    await inTime('the view is stalled', () => one.status().state === 'stalled');
    expect(one.status().lastError).to.equal(away.message);
    isAway = false;
    await inTime('the view is live', () => one.status().state === 'live');
    expect(one.status().lastError).to.equal(null);
  });

  it('pauses before it follows again when the subscription ends without an error', async () => {
    let subscriptions = 0;
    run({
      // eslint-disable-next-line require-yield
      async *subscribe() {
        subscriptions += 1;
      },
    });
    await eventually('it says so', () => statuses.length === 1);
    await rest();
    expect(subscriptions).to.equal(1);
    await inTime('it has tried again', () => subscriptions >= 3);
  });

  it('stops after the current batch', async () => {
    const gate = deferred();
    const isApplying = deferred();
    noted.beforeApply = () => {
      isApplying.resolve();
      return gate.promise;
    };
    const one = run();
    await isApplying.promise;
    let isStopped = false;
    const stopped = one.stop().then(() => {
      isStopped = true;
    });
    await rest();
    expect(isStopped).to.equal(false);
    gate.resolve();
    await stopped;
    expect(noted.moves.length).to.equal(1);
  });
});

/** What is under way without waiting for time comes to its end. */
async function rest(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
}

const byValue = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
