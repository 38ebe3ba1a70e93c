import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { NO_REVISION, eventsOf, lastEventOf } from '../../src/events/eventStore.ts';
import type {
  EventStore,
  NewEvent,
  Position,
  RecordedEvent,
  StreamAppend,
  SubscribeOptions,
} from '../../src/events/eventStore.ts';
import { OWN_PREFIXES } from '../../src/events/streams.ts';

/** A store on storage of its own that holds no event yet. */
export interface OpenedEventStore {
  store: EventStore;
  /** Closes the store and whatever was started for it. Called once, also where the test closed the store itself. */
  close(): Promise<void>;
}

/** States the rules of the EventStore port for one adapter; `open` is called anew for each of them. */
export function describeEventStoreContract(name: string, open: () => Promise<OpenedEventStore>): void {
  describe(`${name} keeps the rules of an event store`, () => {
    let opened: OpenedEventStore;
    let store: EventStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(async () => {
      await opened.close();
    });

    describe('append', () => {
      appendRules(() => store);
    });
    describe('append over several streams', () => {
      multiStreamRules(() => store);
    });
    describe('repeated appends', () => {
      repeatRules(() => store);
    });
    describe('concurrent appends', () => {
      concurrencyRules(() => store);
    });
    describe('reading', () => {
      readRules(() => store);
    });
    describe('subscribe', () => {
      subscribeRules(() => store);
    });
    describe('close', () => {
      closeRules(() => store);
    });
  });
}

function appendRules(current: () => EventStore): void {
  it('puts the first events of a stream at revision 0 and counts on from there', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A'), event('B')]);
    await written(store, 'persona-1', 1, [event('C')]);
    const stored = await store.readStream('persona-1', { limit: 10 });
    expect(stored.map(({ type, revision }) => [type, revision])).to.deep.equal([
      ['A', 0],
      ['B', 1],
      ['C', 2],
    ]);
  });

  it('answers with the position of the last event', async () => {
    const store = current();
    const position = await written(store, 'persona-1', NO_REVISION, [event('A'), event('B')]);
    expect((await lastEventOf(store, 'persona-1'))?.position).to.equal(position);
  });

  it('answers a conflict with the stream and where it stands, and stores nothing', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A'), event('B')]);
    for (const expected of [NO_REVISION, 0, 2, 9]) {
      const result = await store.append([{ stream: 'persona-1', expected, events: [event('X')] }]);
      expect(result).to.deep.equal({ outcome: 'conflict', stream: 'persona-1', actual: 1 });
    }
    expect(await typesIn(store, 'persona-1')).to.deep.equal(['A', 'B']);
  });

  it('answers NO_REVISION as the place of a stream without events', async () => {
    const store = current();
    const result = await store.append([{ stream: 'persona-1', expected: 0, events: [event('X')] }]);
    expect(result).to.deep.equal({ outcome: 'conflict', stream: 'persona-1', actual: NO_REVISION });
  });

  it('gives data and metadata back as sent', async () => {
    const store = current();
    const sent = event('A', {
      text: 'Ñandú € 😀 "\\\n\u2028',
      none: null,
      list: [1, 0.1, [true, {}]],
      deep: { a: '' },
    });
    sent.metadata.reason = 'porque sí: ß, 日本';
    sent.metadata.revertTo = 0;
    await written(store, 'persona-1', NO_REVISION, [sent]);
    const [got] = await store.readStream('persona-1', { limit: 1 });
    expect(got).to.deep.equal({ ...sent, stream: 'persona-1', revision: 0, position: got!.position });
    expect(await store.readAll(null, 1)).to.deep.equal([got]);
  });

  it('refuses what JSON cannot hold, before anything of it is stored', async () => {
    const store = current();
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const data of [{ n: 1n }, cycle]) {
      const appends = [
        { stream: 'persona-1', expected: NO_REVISION, events: [event('A')] },
        { stream: 'persona-2', expected: NO_REVISION, events: [event('B', data)] },
      ];
      expect(await failureOf(store.append(appends))).to.be.instanceOf(Error);
    }
    expect(await store.readAll(null, 10)).to.deep.equal([]);
  });

  it('refuses an append without events, before anything of it is stored', async () => {
    const store = current();
    const appends = [
      { stream: 'persona-1', expected: NO_REVISION, events: [event('A')] },
      { stream: 'persona-2', expected: NO_REVISION, events: [] },
    ];
    expect(await failureOf(store.append(appends))).to.be.instanceOf(Error);
    expect(await store.readAll(null, 10)).to.deep.equal([]);
  });
}

function multiStreamRules(current: () => EventStore): void {
  it('writes the streams in the order given and answers with the last position', async () => {
    const store = current();
    const result = await store.append([
      { stream: 'reservation-z', expected: NO_REVISION, events: [event('R1'), event('R2')] },
      { stream: 'persona-1', expected: NO_REVISION, events: [event('P')] },
      { stream: 'key-a', expected: NO_REVISION, events: [event('K')] },
    ]);
    const log = await store.readAll(null, 10);
    expect(log.map((e) => e.type)).to.deep.equal(['R1', 'R2', 'P', 'K']);
    expect(result).to.deep.equal({ outcome: 'appended', position: log.at(-1)!.position });
  });

  it('is all or nothing on an atomic store; elsewhere a conflict keeps it off that stream and those behind', async () => {
    const store = current();
    await written(store, 'persona-2', NO_REVISION, [event('before')]);
    const result = await store.append([
      { stream: 'persona-1', expected: NO_REVISION, events: [event('A')] },
      { stream: 'persona-2', expected: NO_REVISION, events: [event('B')] },
      { stream: 'persona-3', expected: NO_REVISION, events: [event('C')] },
    ]);
    expect(result).to.deep.equal({ outcome: 'conflict', stream: 'persona-2', actual: 0 });
    expect(await typesIn(store, 'persona-1')).to.deep.equal(store.atomic ? [] : ['A']);
    expect(await typesIn(store, 'persona-2')).to.deep.equal(['before']);
    expect(await typesIn(store, 'persona-3')).to.deep.equal([]);
  });

  it('stores what is missing of a repeat whose first stream already stands', async () => {
    const store = current();
    const appends: StreamAppend[] = [
      { stream: 'reservation-z', expected: NO_REVISION, events: [event('R')] },
      { stream: 'persona-1', expected: NO_REVISION, events: [event('P')] },
    ];
    await store.append(appends.slice(0, 1));
    expect((await store.append(appends)).outcome).to.equal('appended');
    expect((await store.readAll(null, 10)).map((e) => e.type)).to.deep.equal(['R', 'P']);
  });
}

function repeatRules(current: () => EventStore): void {
  const [a, b, c] = [event('A'), event('B'), event('C')] as const;

  beforeEach(async () => {
    await written(current(), 'persona-1', NO_REVISION, [a, b]);
    await written(current(), 'persona-1', 1, [c]);
  });

  async function outcome(expected: number, events: NewEvent[]): Promise<string> {
    const result = await current().append([{ stream: 'persona-1', expected, events }]);
    expect(await typesIn(current(), 'persona-1')).to.deep.equal(['A', 'B', 'C']);
    if (result.outcome === 'appended') return 'appended';
    expect(result.stream).to.equal('persona-1');
    return `conflict at ${result.actual}`;
  }

  it('succeed and store nothing when their ids stand at those revisions, however much later', async () => {
    expect(await outcome(NO_REVISION, [a, b])).to.equal('appended');
    expect(await outcome(1, [c])).to.equal('appended');
  });

  it('are recognised by their ids alone, not by their data', async () => {
    expect(await outcome(NO_REVISION, [event('other', { n: 2 }, a.id), b])).to.equal('appended');
  });

  it('succeed with the first ones of the ids', async () => {
    expect(await outcome(NO_REVISION, [a])).to.equal('appended');
  });

  it('are a conflict with more than the ids that stand there', async () => {
    expect(await outcome(1, [c, event('D')])).to.equal('conflict at 2');
    expect(await outcome(NO_REVISION, [a, b, event('D')])).to.equal('conflict at 2');
  });

  it('are a conflict with other ids, or with the ids in another order', async () => {
    expect(await outcome(NO_REVISION, [event('A'), event('B')])).to.equal('conflict at 2');
    expect(await outcome(NO_REVISION, [b, a])).to.equal('conflict at 2');
    expect(await outcome(NO_REVISION, [a, event('B')])).to.equal('conflict at 2');
    expect(await outcome(0, [a])).to.equal('conflict at 2');
  });

  it('are new events in another stream', async () => {
    await written(current(), 'persona-2', NO_REVISION, [a, b]);
    expect(await typesIn(current(), 'persona-2')).to.deep.equal(['A', 'B']);
  });
}

function concurrencyRules(current: () => EventStore): void {
  it('on one revision have one winner; the others learn where the stream stands', async () => {
    const store = current();
    const racing = Array.from({ length: 40 }, (_, i) => event('R', { i }));
    const results = await Promise.all(
      racing.map((e) => store.append([{ stream: 'persona-1', expected: NO_REVISION, events: [e] }])),
    );
    const winner = results.findIndex((result) => result.outcome === 'appended');
    const conflict = { outcome: 'conflict', stream: 'persona-1', actual: 0 };
    expect(results.filter((_, i) => i !== winner)).to.deep.equal(Array(39).fill(conflict));
    const stored = await store.readStream('persona-1', { limit: 50 });
    expect(stored.map((e) => e.id)).to.deep.equal([racing[winner]!.id]);
  });

  it('on distinct streams all land', async () => {
    const store = current();
    const streams = Array.from({ length: 60 }, (_, i) => `persona-${i + 1}`);
    await Promise.all(streams.map((stream) => written(store, stream, NO_REVISION, [event('A'), event('B')])));
    const log = await store.readAll(null, 1000);
    expect(log).to.have.length(120);
    for (const stream of streams) {
      const own = log.filter((e) => e.stream === stream);
      expect(own.map((e) => [e.type, e.revision])).to.deep.equal([
        ['A', 0],
        ['B', 1],
      ]);
    }
  });
}

function readRules(current: () => EventStore): void {
  it('a stream goes forwards from a revision, up to a limit', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, tenEvents());
    expect(await typesIn(store, 'persona-1', { limit: 3 })).to.deep.equal(['E0', 'E1', 'E2']);
    expect(await typesIn(store, 'persona-1', { from: 7, limit: 10 })).to.deep.equal(['E7', 'E8', 'E9']);
    expect(await typesIn(store, 'persona-1', { from: 4, limit: 2 })).to.deep.equal(['E4', 'E5']);
  });

  it('a stream goes backwards from a revision or the end, up to a limit', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, tenEvents());
    const backwards = true;
    expect(await typesIn(store, 'persona-1', { backwards, limit: 2 })).to.deep.equal(['E9', 'E8']);
    expect(await typesIn(store, 'persona-1', { backwards, from: 2, limit: 10 })).to.deep.equal([
      'E2',
      'E1',
      'E0',
    ]);
    expect(await typesIn(store, 'persona-1', { backwards, from: 0, limit: 5 })).to.deep.equal(['E0']);
  });

  it('a stream that has no events, or beyond its end, gives none', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
    expect(await store.readStream('persona-2', { limit: 5 })).to.deep.equal([]);
    expect(await store.readStream('persona-2', { limit: 5, backwards: true })).to.deep.equal([]);
    expect(await store.readStream('persona-1', { from: 1, limit: 5 })).to.deep.equal([]);
    expect(await store.readStream('persona-1', { from: 99, limit: 5 })).to.deep.equal([]);
    expect(await lastEventOf(store, 'persona-2')).to.equal(null);
  });

  it('a stream in pages gives every event once', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, tenEvents());
    const types: string[] = [];
    for await (const { type } of eventsOf(store, 'persona-1', 1, 3)) types.push(type);
    expect(types).to.deep.equal(
      tenEvents()
        .map((e) => e.type)
        .slice(1),
    );
  });

  it('the log goes in the order of the appends, after a position, up to a limit', async () => {
    const store = current();
    for (let i = 0; i < 6; i += 1)
      await written(store, `persona-${(i % 3) + 1}`, Math.floor(i / 3) - 1, [event(`E${i}`)]);
    const log = await store.readAll(null, 100);
    expect(log.map((e) => e.type)).to.deep.equal(['E0', 'E1', 'E2', 'E3', 'E4', 'E5']);
    expect(log.every((e, i) => i === 0 || e.position > log[i - 1]!.position)).to.equal(true);
    expect(await store.readAll(null, 2)).to.deep.equal(log.slice(0, 2));
    expect(await store.readAll(log[1]!.position, 3)).to.deep.equal(log.slice(2, 5));
    expect(await store.readAll(log[3]!.position, 100)).to.deep.equal(log.slice(4));
    expect(await store.readAll(log[5]!.position, 100)).to.deep.equal([]);
  });

  it('the log holds only streams of our own, also past long stretches of others', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
    await written(
      store,
      'foreign-1',
      NO_REVISION,
      Array.from({ length: 300 }, () => event('F')),
    );
    await written(store, 'user-1', NO_REVISION, [event('B')]);
    await written(
      store,
      'foreign-2',
      NO_REVISION,
      Array.from({ length: 300 }, () => event('F')),
    );
    expect((await store.readAll(null, 2)).map((e) => e.type)).to.deep.equal(['A', 'B']);
    expect((await store.readAll(null, 100)).map((e) => e.type)).to.deep.equal(['A', 'B']);
  });

  it('the head is the position of the last event of our own, null without one', async () => {
    const store = current();
    expect(await store.head()).to.equal(null);
    await written(store, 'foreign-1', NO_REVISION, [event('F')]);
    expect(await store.head()).to.equal(null);
    await written(store, 'persona-1', NO_REVISION, [event('A'), event('B')]);
    await written(
      store,
      'foreign-1',
      0,
      Array.from({ length: 300 }, () => event('F')),
    );
    expect(await store.head()).to.equal((await lastEventOf(store, 'persona-1'))!.position);
  });

  it('a position holds the event that stands there, and no other', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A'), event('B'), event('C')]);
    const [first, second, last] = (await store.readStream('persona-1', { limit: 3 })) as [
      RecordedEvent,
      RecordedEvent,
      RecordedEvent,
    ];
    for (const e of [first, second, last]) expect(await store.holds(e.position, e.id)).to.equal(true);
    expect(await store.holds(second.position, first.id)).to.equal(false);
    expect(await store.holds(second.position, randomUUID())).to.equal(false);
    expect(await store.holds(first.position + 1n, first.id)).to.equal(false);
    expect(await store.holds(last.position + 1n, last.id)).to.equal(false);
    expect(await store.holds(last.position + 1_000_000n, last.id)).to.equal(false);
  });
}

function subscribeRules(current: () => EventStore): void {
  it('delivers everything from the start in the order of the log, then says that it is caught up', async () => {
    const store = current();
    for (let i = 1; i <= 3; i += 1) await written(store, `persona-${i}`, NO_REVISION, tenEvents());
    const { events, last } = await upTo(store, {}, (seen) => seen.caughtUp);
    expect(events).to.deep.equal(await store.readAll(null, 100));
    expect(last >= events.at(-1)!.position).to.equal(true);
  });

  it('goes on exclusively after a position', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, tenEvents());
    const log = await store.readAll(null, 100);
    const { events } = await upTo(store, { after: log[6]!.position }, (seen) => seen.caughtUp);
    expect(events).to.deep.equal(log.slice(7));
  });

  it('says that it is caught up where nothing is left, also on an empty log, and can go on from there', async () => {
    const store = current();
    const empty = await upTo(store, {}, (seen) => seen.caughtUp);
    expect(empty.events).to.deep.equal([]);
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
    const next = await upTo(store, { after: empty.last }, (seen) => seen.events.length > 0);
    expect(next.events.map((e) => e.type)).to.deep.equal(['A']);
    const level = await upTo(store, { after: next.events[0]!.position }, (seen) => seen.caughtUp);
    expect(level.events).to.deep.equal([]);
  });

  it('leaves out the streams of other prefixes, while its position moves over them', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
    await written(store, 'user-1', NO_REVISION, tenEvents());
    await written(store, 'persona-2', NO_REVISION, [event('B')]);
    const end = await written(store, 'user-2', NO_REVISION, tenEvents());
    const { events } = await upTo(
      store,
      { prefixes: ['persona-', 'padron-'] },
      (seen) => seen.caughtUp && seen.last >= end,
    );
    expect(events.map((e) => e.type)).to.deep.equal(['A', 'B']);
  });

  it('delivers what comes while it listens', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
    let revision = 0;
    const { events } = await upTo(store, {}, async (seen) => {
      if (!seen.caughtUp) return false;
      if (revision === 3) return seen.events.length === 4;
      await written(store, 'persona-1', revision, [event(`live ${revision}`)]);
      revision += 1;
      // The event just written comes in a batch of its own or with later ones: go on until all are here.
      return false;
    });
    expect(events.map((e) => e.type)).to.deep.equal(['A', 'live 0', 'live 1', 'live 2']);
  });

  it('holds batches to their limit, each with the position of its last event or beyond', async () => {
    const store = current();
    for (let i = 1; i <= 5; i += 1) await written(store, `persona-${i}`, NO_REVISION, tenEvents());
    const { events, batches } = await upTo(store, { limit: 7 }, (seen) => seen.caughtUp);
    expect(events).to.have.length(50);
    for (const batch of batches) {
      expect(batch.events.length).to.be.at.most(7);
      expect(batch.events.every((e) => e.position <= batch.position)).to.equal(true);
    }
    expect(batches.every((batch, i) => i === 0 || batch.position >= batches[i - 1]!.position)).to.equal(true);
  });

  it('is complete and in order under a busy writer, and can stop and go on at each batch', async () => {
    const store = current();
    const writers = Array.from({ length: 8 }, async (_, w) => {
      for (let i = 0; i < 25; i += 1) await written(store, `persona-${w + 1}`, i - 1, [event('W', { w, i })]);
    });
    const ids = new Set<string>();
    let after: Position | null = null;
    while (ids.size < 200) {
      const stretch = await upTo(
        store,
        { after, limit: 20 },
        (seen) => seen.batches.length === 5 || ids.size + seen.events.length >= 200,
      );
      for (const { id } of stretch.events) ids.add(id);
      after = stretch.last;
    }
    await Promise.all(writers);
    expect([...ids]).to.deep.equal((await store.readAll(null, 1000)).map((e) => e.id));
  });

  it('serves several at once, each at its own place', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, tenEvents());
    await written(store, 'user-1', NO_REVISION, tenEvents());
    const [personas, users] = await Promise.all([
      upTo(store, { prefixes: ['persona-'] }, (seen) => seen.events.length === 11),
      upTo(store, { prefixes: ['user-'] }, (seen) => seen.events.length === 11),
      written(store, 'persona-1', 9, [event('P')]),
      written(store, 'user-1', 9, [event('U')]),
    ]);
    expect(personas.events.at(-1)!.type).to.equal('P');
    expect(users.events.at(-1)!.type).to.equal('U');
  });

  it('ends without an error when the signal aborts, even while it waits', async () => {
    const store = current();
    const abort = new AbortController();
    let batches = 0;
    for await (const batch of store.subscribe({ ...everything(), signal: abort.signal })) {
      batches += 1;
      // After this turn: by then the iteration waits for events that never come.
      if (batch.caughtUp)
        setImmediate(() => {
          abort.abort();
        });
    }
    expect(batches).to.be.at.least(1);
  });

  it('ends at once when the signal had aborted before', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
    for await (const batch of store.subscribe({ ...everything(), signal: AbortSignal.abort() })) {
      expect.fail(`a batch of ${batch.events.length} events came`);
    }
  });
}

function closeRules(current: () => EventStore): void {
  it('finishes the appends that were accepted, and accepts none afterwards', async () => {
    const store = current();
    const accepted = Array.from({ length: 10 }, (_, i) =>
      written(store, `persona-${i + 1}`, NO_REVISION, [event('A')]),
    );
    const closed = store.close();
    await Promise.all(accepted);
    await closed;
    const late = store.append([{ stream: 'persona-99', expected: NO_REVISION, events: [event('A')] }]);
    expect(await failureOf(late)).to.include({ name: 'EventStoreError', outcomeUnknown: false });
  });
}

/** What a subscription has delivered so far. */
interface Seen {
  events: RecordedEvent[];
  batches: { events: readonly RecordedEvent[]; position: Position }[];
  /** The position of the last batch. */
  last: Position;
  /** Whether any batch said so. */
  caughtUp: boolean;
}

/** Follows a subscription until `enough` holds after a batch; a rule broken here shows as the test's timeout. */
async function upTo(
  store: EventStore,
  options: Partial<SubscribeOptions>,
  enough: (seen: Seen) => boolean | Promise<boolean>,
): Promise<Seen> {
  const seen: Seen = { events: [], batches: [], last: 0n, caughtUp: false };
  const abort = new AbortController();
  for await (const batch of store.subscribe({ ...everything(), signal: abort.signal, ...options })) {
    seen.batches.push(batch);
    seen.events.push(...batch.events);
    seen.last = batch.position;
    seen.caughtUp ||= batch.caughtUp;
    if (await enough(seen)) break;
  }
  abort.abort();
  return seen;
}

function everything(): Omit<SubscribeOptions, 'signal'> {
  return { after: null, prefixes: OWN_PREFIXES, limit: 100 };
}

async function written(
  store: EventStore,
  stream: string,
  expected: number,
  events: NewEvent[],
): Promise<Position> {
  const result = await store.append([{ stream, expected, events }]);
  if (result.outcome === 'conflict') throw new Error(`conflict on ${stream} at ${result.actual}`);
  if (result.position === null) throw new Error(`no position for a new event on ${stream}`);
  return result.position;
}

async function typesIn(
  store: EventStore,
  stream: string,
  options: Parameters<EventStore['readStream']>[1] = { limit: 100 },
): Promise<string[]> {
  return (await store.readStream(stream, options)).map((e) => e.type);
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value: unknown) => expect.fail(`resolved with ${String(value)}`),
    (error: unknown) => error,
  );
}

const tenEvents = (): NewEvent[] => Array.from({ length: 10 }, (_, i) => event(`E${i}`, { i }));

/** An event of any type with metadata as commands give it. */
export function event(type: string, data: object = { n: 1 }, id: string = randomUUID()): NewEvent {
  const commandId = randomUUID();
  return {
    id,
    type,
    data,
    metadata: {
      actor: { account: 'maria', role: 'admin' },
      requestId: 'r-1',
      commandId,
      schemaVersion: 1,
      occurredAt: '2024-03-01T08:00:00.000Z',
      $correlationId: 'c-1',
      $causationId: commandId,
    },
  };
}
