import { expect } from 'chai';
import { aborted } from '../../src/platform/aborted.ts';
import { persona } from '../../src/domain/persona.ts';
import { createRepository } from '../../src/commands/loading/repository.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { createKnownSkips } from '../../src/events/bookkeeping/skips.ts';
import { event, written } from '../events/contract/steps.ts';
import { manualClock } from '../support/manualClock.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { testProcess } from '../support/processes.ts';

describe('A skip that another instance stores', () => {
  const MAX_AGE_MS = 1_000;

  /** One person with an update that is skipped later, and a repository that has seen both events. */
  async function seenBoth() {
    const store = memoryEventStore(memoryLog());
    await testProcess(store).register({ dni: '1', cuenta: 'ana' });
    await testProcess(store).update('ana', { telefono: 'wrong' });
    const time = manualClock();
    let reads: string[] = [];
    const watched: Pick<EventStore, 'readStream'> = {
      async readStream(stream, options) {
        reads.push(stream);
        await new Promise(setImmediate);
        return store.readStream(stream, options);
      },
    };
    const repository = createRepository(watched, createKnownSkips(watched), time);
    const before = await repository.fresh(persona, 'persona-1');
    expect(before.state).to.include({ telefono: 'wrong' });
    const data = { view: 'personas', subject: 'persona-1', revision: 1, reason: 'why' };
    const skip = event('EventSkipped', data);
    skip.metadata.schemaVersion = 2;
    await written(store, 'padron-skips', -1, [skip]);
    const readsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
      reads = [];
      await work();
      return reads;
    };
    return { store, repository, time, before, readsOf };
  }

  it('is applied within a second by a command that decides on a cached state', async () => {
    const { repository, time } = await seenBoth();
    time.advance(MAX_AGE_MS);
    expect((await repository.seen(persona, 'persona-1')).state).to.include({ telefono: null });
  });

  it('is read at most once a second, whatever the number of commands', async () => {
    const { repository, time, readsOf } = await seenBoth();
    time.advance(MAX_AGE_MS - 1);
    expect(await readsOf(() => repository.seen(persona, 'persona-1'))).to.deep.equal([]);
    time.advance(1);
    const many = await readsOf(() =>
      Promise.all(Array.from({ length: 20 }, () => repository.seen(persona, 'persona-1'))),
    );
    expect(many.filter((stream) => stream === 'padron-skips')).to.deep.equal(['padron-skips']);
  });

  it('is not undone by a state that was folded without it and cached later', async () => {
    const { repository, time, before } = await seenBoth();
    time.advance(MAX_AGE_MS);
    await repository.fresh(persona, 'persona-1');
    repository.keep('persona-1', { ...before, revision: 2 });
    expect((await repository.seen(persona, 'persona-1')).state).to.include({ telefono: null });
  });

  it('is applied by a load that began without it', async () => {
    const { store, time } = await seenBoth();
    let isStored = false;
    const skips = createKnownSkips(store);
    const repository = createRepository(
      {
        async readStream(stream, options) {
          const page = await store.readStream(stream, options);
          if (stream !== 'persona-1' || isStored) return page;
          // Another subject's load learns of the skip while this page is on its way.
          isStored = true;
          time.advance(MAX_AGE_MS);
          await repository.fresh(persona, 'persona-2');
          return page;
        },
      },
      { ...skips, refresh: async (options) => (isStored ? skips.refresh(options) : []) },
      time,
    );
    expect((await repository.fresh(persona, 'persona-1')).state).to.include({ telefono: null });
  });

  it('is applied by a fold of the past that began after it, whatever reads of the skips were under way', async () => {
    const { store, time } = await seenBoth();
    const gate = new AbortController();
    const isOpen = aborted(gate.signal);
    const held: Pick<EventStore, 'readStream'> = {
      async readStream(stream, options) {
        const page = await store.readStream(stream, options);
        if (stream === 'padron-skips') await isOpen;
        return page;
      },
    };
    let isStored = false;
    const skips = createKnownSkips(held);
    const refresh: typeof skips.refresh = (options) =>
      isStored ? skips.refresh(options) : isOpen.then(() => []);
    const repository = createRepository(held, { ...skips, refresh }, time);
    const before = [repository.fresh(persona, 'persona-2'), repository.fresh(persona, 'persona-3')];
    isStored = true;
    const past = repository.past(persona, 'persona-1', [() => false]);
    gate.abort();
    await Promise.all(before);
    expect((await past)[0]).to.have.nested.property('loaded.state.telefono', null);
  });

  it('is applied at once by the instance that stored it, though it was reading the skips just then', async () => {
    const { store, time } = await seenBoth();
    const gate = new AbortController();
    const isOpen = aborted(gate.signal);
    const skips = createKnownSkips(store);
    let isStored = false;
    const refresh: typeof skips.refresh = (options) =>
      isStored ? skips.refresh(options) : isOpen.then(() => []);
    const repository = createRepository(store, { ...skips, refresh }, time);
    const other = repository.fresh(persona, 'persona-2');
    isStored = true;
    repository.forget('persona-1');
    gate.abort();
    await other;
    expect((await repository.seen(persona, 'persona-1')).state).to.include({ telefono: null });
  });
});

describe('The skips of events', () => {
  it('are all reported although the store stopped answering in between', async () => {
    const store = memoryEventStore(memoryLog());
    const stored = Array.from({ length: 501 }, (_, n) => {
      const data = { view: 'personas', subject: `persona-${n + 1}`, revision: 1, reason: 'why' };
      const skip = event('EventSkipped', data);
      skip.metadata.schemaVersion = 2;
      return skip;
    });
    await written(store, 'padron-skips', -1, stored);
    let isAway = true;
    const skips = createKnownSkips({
      async readStream(stream, options) {
        if (isAway && options.from === 500) throw new EventStoreError('no answer', { outcomeUnknown: false });
        return store.readStream(stream, options);
      },
    });
    const failure: unknown = await skips.refresh().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(EventStoreError);
    isAway = false;
    expect(await skips.refresh()).to.have.lengthOf(501);
  });
});
