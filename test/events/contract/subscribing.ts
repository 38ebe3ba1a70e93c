import { expect } from 'chai';
import { NO_REVISION } from '../../../src/events/eventStore.ts';
import type { EventStore, Position } from '../../../src/events/eventStore.ts';
import { everything, upTo } from './following.ts';
import { event, FOREIGN_LOOKALIKES, tenEvents, written } from './steps.ts';

/** What a subscription delivers. */
export function subscribeRules(current: () => EventStore): void {
  it('delivers the log from the start in order, then reports that it is caught up', async () => {
    const store = current();
    for (let i = 1; i <= 3; i += 1) await written(store, `persona-${i}`, NO_REVISION, tenEvents());
    const { events, last } = await upTo(store, {}, (seen) => seen.caughtUp);
    expect(events).to.deep.equal(await store.readAll(null, 100));
    expect(last >= events.at(-1)!.position).to.equal(true);
  });

  it('continues after a position, exclusively', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, tenEvents());
    const log = await store.readAll(null, 100);
    const { events } = await upTo(store, { after: log[6]!.position }, (seen) => seen.caughtUp);
    expect(events).to.deep.equal(log.slice(7));
  });

  it('reports that it is caught up if nothing is left, even on an empty log, and can continue from there', async () => {
    const store = current();
    const empty = await upTo(store, {}, (seen) => seen.caughtUp);
    expect(empty.events).to.deep.equal([]);
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
    const next = await upTo(store, { after: empty.last }, (seen) => seen.events.length > 0);
    expect(next.events.map((e) => e.type)).to.deep.equal(['A']);
    const level = await upTo(store, { after: next.events[0]!.position }, (seen) => seen.caughtUp);
    expect(level.events).to.deep.equal([]);
  });

  it('reports that it is caught up if the last batch was full', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, tenEvents());
    const { events } = await upTo(store, { limit: 5 }, (seen) => seen.caughtUp);
    expect(events).to.have.lengthOf(10);
  });

  it('omits streams of other prefixes, while its position moves past them', async () => {
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

  it('omits others’ streams with similar names', async () => {
    const store = current();
    for (const stream of FOREIGN_LOOKALIKES) await written(store, stream, NO_REVISION, [event('F')]);
    const end = await written(store, 'user-10', NO_REVISION, [event('A')]);
    const { events } = await upTo(store, {}, (seen) => seen.caughtUp && seen.last >= end);
    expect(events.map((e) => e.type)).to.deep.equal(['A']);
  });

  it('omits others’ streams with similar names from each of several batches', async () => {
    const store = current();
    for (const stream of FOREIGN_LOOKALIKES) await written(store, stream, NO_REVISION, [event('F')]);
    for (let i = 0; i < 3; i += 1) await written(store, 'user-10', i * 10 - 1, tenEvents());
    const { events } = await upTo(store, { limit: 5 }, (seen) => seen.caughtUp);
    expect(events).to.have.lengthOf(30);
  });

  it('delivers events that arrive while it listens', async () => {
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

  it('limits the size of batches, each with the position of its last event or beyond', async () => {
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

  it('marks each batch with a stored event, up to the last one, whether selected or not', async () => {
    const store = current();
    for (let i = 1; i <= 5; i += 1) await written(store, `persona-${i}`, NO_REVISION, tenEvents());
    await written(store, 'user-1', NO_REVISION, [event('A')]);
    const { batches } = await upTo(store, { prefixes: ['persona-'], limit: 7 }, (seen) => seen.caughtUp);
    const marks = batches.flatMap(({ mark }) => mark ?? []);
    for (const mark of marks) expect(await store.holds(mark)).to.equal(true);
    const [last] = await store.readStream('user-1', { limit: 1 });
    expect(marks.at(-1)).to.deep.equal({ position: last!.position, id: last!.id });
  });

  it('is complete and in order under a busy writer, and can stop and continue at each batch', async () => {
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

  it('serves several subscribers at once, each at its own position', async () => {
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

  it('ends at once if the signal was already aborted', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
    for await (const batch of store.subscribe({ ...everything(), signal: AbortSignal.abort() })) {
      expect.fail(`a batch of ${batch.events.length} events came`);
    }
  });
}
