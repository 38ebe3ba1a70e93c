import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { NO_REVISION, eventsOf, lastEventOf } from '../../../src/events/eventStore.ts';
import type { EventStore, NewEvent, Position, RecordedEvent } from '../../../src/events/eventStore.ts';
import { event, FOREIGN_LOOKALIKES, hashedStream, tenEvents, typesIn, written } from './steps.ts';

/** What the reads give. */
export function readRules(current: () => EventStore): void {
  it('returns a stream forwards from a revision, up to a limit', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, tenEvents());
    expect(await typesIn(store, 'persona-1', { limit: 3 })).to.deep.equal(['E0', 'E1', 'E2']);
    expect(await typesIn(store, 'persona-1', { from: 7, limit: 10 })).to.deep.equal(['E7', 'E8', 'E9']);
    expect(await typesIn(store, 'persona-1', { from: 4, limit: 2 })).to.deep.equal(['E4', 'E5']);
  });

  it('returns a stream backwards from a revision or the end, up to a limit', async () => {
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

  it('returns nothing for a stream without events or beyond its end', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
    expect(await store.readStream('persona-2', { limit: 5 })).to.deep.equal([]);
    expect(await store.readStream('persona-2', { limit: 5, backwards: true })).to.deep.equal([]);
    expect(await store.readStream('persona-1', { from: 1, limit: 5 })).to.deep.equal([]);
    expect(await store.readStream('persona-1', { from: 99, limit: 5 })).to.deep.equal([]);
    expect(await lastEventOf(store, 'persona-2')).to.equal(null);
  });

  it('reads many streams in the order in which they were asked for, each from its revision on', async () => {
    const store = current();
    await written(store, 'persona-2', NO_REVISION, tenEvents());
    await written(store, 'persona-1', NO_REVISION, [event('A'), event('B')]);
    const horizon = { at: Date.parse('9999-01-01T00:00:00Z'), upTo: (await store.head()) ?? 0n };
    const starts = [
      { stream: 'persona-1', from: 1 },
      { stream: 'persona-3', from: 0 },
      { stream: 'persona-2', from: 2 },
      { stream: 'persona-1', from: 0 },
    ];
    const read = await store.readStreams(starts, { horizon, limit: 3 });
    expect(read.map((events) => events.map(({ type }) => type))).to.deep.equal([
      ['B'],
      [],
      ['E2', 'E3', 'E4'],
      ['A', 'B'],
    ]);
    const one = await store.readStream('persona-2', { from: 2, limit: 3 });
    expect(read[2]?.map(foldedPart)).to.deep.equal(one.map(foldedPart));
    expect(await store.readStreams([], { horizon, limit: 3 })).to.deep.equal([]);
  });

  it('reads many streams up to the last event within a horizon, with or without data', async () => {
    const store = current();
    const at = (type: string, second: number): NewEvent => {
      const made = event(type);
      return { ...made, metadata: { ...made.metadata, occurredAt: `2026-01-01T00:00:0${second}.000Z` } };
    };
    await written(store, 'persona-1', NO_REVISION, [at('A', 1), at('B', 2), at('C', 3)]);
    await written(store, 'persona-2', NO_REVISION, [at('D', 1), at('E', 2)]);
    const positions = (await store.readAll(null, 10)).map(({ position }) => position);
    const read = async (second: number, upTo = positions.at(-1) ?? 0n): Promise<string[][]> => {
      const horizon = { at: Date.parse(`2026-01-01T00:00:0${second}.000Z`), upTo };
      const starts = ['persona-1', 'persona-2'].map((stream) => ({ stream, from: 0 }));
      const found = await store.readStreams(starts, { horizon, limit: 10, withData: false });
      expect(found.flat().every(({ data }) => Object.keys(data).length === 0)).to.equal(true);
      return found.map((events) => events.map(({ type }) => type));
    };
    expect(await read(0)).to.deep.equal([[], []]);
    expect(await read(1)).to.deep.equal([['A'], ['D']]);
    expect(await read(2)).to.deep.equal([
      ['A', 'B'],
      ['D', 'E'],
    ]);
    expect(await read(9)).to.deep.equal([
      ['A', 'B', 'C'],
      ['D', 'E'],
    ]);
    expect(await read(9, positions[1])).to.deep.equal([['A', 'B'], []]);
  });

  it('reads many streams up to a horizon where the instants of different streams are out of order', async () => {
    const store = current();
    const seconds: Record<string, number[]> = {
      'persona-1': [5, 6],
      'persona-2': [1, 2, 3],
      'persona-3': [9],
      'persona-4': [2, 2.5, 2.75, 7],
      'persona-5': [0, 8],
      'persona-6': [4, 4, 4.001],
    };
    const instant = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();
    for (const [stream, its] of Object.entries(seconds)) {
      const events = its.map((second, n) => {
        const made = event(`${stream}@${n}`);
        return { ...made, metadata: { ...made.metadata, occurredAt: instant(second) } };
      });
      await written(store, stream, NO_REVISION, events);
    }
    const upTo = (await store.head()) ?? 0n;
    const starts = Object.keys(seconds).map((stream) => ({ stream, from: 0 }));
    for (const second of [-1, 0, 1, 2, 2.6, 3, 4, 4.001, 5, 6, 7, 8, 9, 10]) {
      for (const limit of [1, 2, 10]) {
        const read = await store.readStreams(starts, {
          horizon: { at: Date.parse(instant(second)), upTo },
          limit,
        });
        const wanted = Object.entries(seconds).map(([stream, its]) =>
          its.flatMap((one, n) => (one <= second && n < limit ? [`${stream}@${n}`] : [])),
        );
        const found = read.map((events) => events.map(({ type }) => type));
        expect(found, `second ${second}, limit ${limit}`).to.deep.equal(wanted);
      }
    }
  });

  it('returns every event of a stream once when it is read in pages', async () => {
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

  it('returns the log in append order after a position, up to a limit', async () => {
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

  it('returns only padron’s streams of the log, even after long stretches of others', async () => {
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

  it('does not return streams of others with similar names', async () => {
    const store = current();
    const own = await written(store, 'user-10', NO_REVISION, [event('A')]);
    for (const stream of FOREIGN_LOOKALIKES) await written(store, stream, NO_REVISION, [event('F')]);
    expect((await store.readAll(null, 100)).map((e) => e.type)).to.deep.equal(['A']);
    expect(await store.head()).to.equal(own);
    expect(await store.countAfter(null)).to.be.oneOf([1, null]);
    expect(await store.countAfter(own)).to.be.oneOf([0, null]);
  });

  it('reports the position of the last of padron’s events as the head, or null without one', async () => {
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

  it('counts the events after a position without those of other applications, or not at all', async () => {
    const store = current();
    const others = (count: number) => Array.from({ length: count }, () => event('F'));
    const expectCounts = async (counts: [Position | null, number][]): Promise<void> => {
      for (const [after, count] of counts) expect(await store.countAfter(after)).to.be.oneOf([count, null]);
    };
    await expectCounts([[null, 0]]);
    await written(store, 'foreign-1', NO_REVISION, others(3));
    const first = await written(store, 'persona-1', NO_REVISION, [event('A')]);
    const second = await written(store, 'user-1', NO_REVISION, [event('B')]);
    await written(store, 'user', NO_REVISION, others(2));
    const foreign = await written(store, 'zeta-1', NO_REVISION, others(2));
    const last = await written(store, hashedStream('key', 'k'), NO_REVISION, tenEvents());
    await written(store, 'aleph-1', NO_REVISION, others(1));
    await expectCounts([
      [null, 12],
      [first, 11],
      [second, 10],
      [foreign, 10],
      [last, 0],
      [last + 1_000n, 0],
    ]);
  });

  it('finds an event at its own position and at no other', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A'), event('B'), event('C')]);
    const [first, second, last] = (await store.readStream('persona-1', { limit: 3 })) as [
      RecordedEvent,
      RecordedEvent,
      RecordedEvent,
    ];
    for (const e of [first, second, last]) expect(await store.holds(e)).to.equal(true);
    expect(await store.holds({ position: second.position, id: first.id })).to.equal(false);
    expect(await store.holds({ position: second.position, id: randomUUID() })).to.equal(false);
    expect(await store.holds({ position: first.position + 1n, id: first.id })).to.equal(false);
    expect(await store.holds({ position: last.position + 1n, id: last.id })).to.equal(false);
    expect(await store.holds({ position: last.position + 1_000_000n, id: last.id })).to.equal(false);
  });

  it('reports that the log reaches each position up to its end, and none after it', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A'), event('B')]);
    const head = (await store.head())!;
    for (const position of [1n, head - 1n, head]) expect(await store.reaches(position)).to.equal(true);
    expect(await store.reaches(head + 1_000_000n)).to.equal(false);
  });
}

/** What readStreams promises of an event. */
const foldedPart = ({ metadata, ...rest }: RecordedEvent): object => {
  return { ...rest, version: metadata.schemaVersion, at: metadata.occurredAt };
};
