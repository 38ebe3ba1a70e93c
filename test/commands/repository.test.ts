import { expect } from 'chai';
import { createDeadline } from '../../src/platform/deadline.ts';
import { persona, personaCuenta } from '../../src/domain/persona.ts';
import { createRepository } from '../../src/commands/loading/repository.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { EventStore, ReadStreamOptions } from '../../src/events/eventStore.ts';
import { event, failureOf, written } from '../events/contract/steps.ts';
import { maria } from '../support/decisions.ts';
import { manualClock } from '../support/manualClock.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { testProcess } from '../support/processes.ts';

const UPDATES = 1_700;

/** A store with one person whose stream has many events, and what was read of it. */
async function longStream() {
  const log = memoryLog();
  const store = memoryEventStore(log);
  await testProcess(store).register({ dni: '1', cuenta: 'ana' });
  const updates = Array.from({ length: UPDATES }, (_, index) =>
    event('PersonaProfileUpdated', { changes: { telefono: { from: null, to: String(index + 1) } } }),
  );
  await written(store, 'persona-1', 0, updates);
  const reads: [stream: string, from: number | undefined][] = [];
  const watched: EventStore = {
    ...store,
    async readStream(stream: string, options: ReadStreamOptions) {
      reads.push([stream.replace(/-.*/, ''), options.from]);
      await new Promise(setImmediate);
      return store.readStream(stream, options);
    },
  };
  return { log, store: watched, reads };
}

describe('A subject with more events than a page', () => {
  it('is folded up to its last event', async () => {
    const { store } = await longStream();
    const loaded = await createRepository(store).fresh(persona, 'persona-1');
    expect(loaded).to.include({ revision: UPDATES });
    expect(loaded.state).to.include({ telefono: String(UPDATES) });
  });

  it('is read once for all concurrent callers, and its tail once more', async () => {
    const { store, reads } = await longStream();
    const repository = createRepository(store);
    const all = await Promise.all(Array.from({ length: 20 }, () => repository.fresh(persona, 'persona-1')));
    expect(all.map(({ revision }) => revision)).to.deep.equal(all.map(() => UPDATES));
    expect(reads.map(([, from]) => from)).to.deep.equal([0, 500, 1_000, 1_500, UPDATES + 1]);
  });

  it('is found by its cuenta with few reservation lookups, even by many concurrent callers', async () => {
    const { store, reads } = await longStream();
    const { lookups } = testProcess(store).commands;
    await Promise.all(
      Array.from({ length: 20 }, () => lookups.holder(persona, personaCuenta('ana'), 'fresh')),
    );
    expect(reads.filter(([kind]) => kind === 'reservation')).to.have.lengthOf(2);
  });

  it('lets other work run between two pages', async () => {
    const { store } = await longStream();
    let turns = 0;
    let isLoading = true;
    const count = (): void => {
      turns += 1;
      if (isLoading) setImmediate(count);
    };
    setImmediate(count);
    await createRepository(memoryEventStoreOf(store)).fresh(persona, 'persona-1');
    isLoading = false;
    expect(turns).to.be.at.least(3);
  });

  it('continues to load for the next caller after a deadline cut the first load off', async () => {
    const { store, reads } = await longStream();
    const repository = createRepository(store);
    const time = manualClock();
    const deadline = createDeadline(1_000, time);
    const cut: EventStore = {
      ...store,
      async readStream(stream, options) {
        if (options.from === 1_000) time.advance(1_000);
        return store.readStream(stream, options);
      },
    };
    const impatient = createRepository(cut);
    const late = impatient.fresh(persona, 'persona-1', { deadline });
    expect(await failureOf(late)).to.be.instanceOf(EventStoreError);
    reads.length = 0;
    expect(await impatient.fresh(persona, 'persona-1')).to.include({ revision: UPDATES });
    expect(reads[0]).to.deep.equal(['persona', 1_000]);
    expect(await repository.fresh(persona, 'persona-1')).to.include({ revision: UPDATES });
  });
});

/** The same store, answering within the tick. */
const memoryEventStoreOf = (store: EventStore): EventStore => ({
  ...store,
  readStream: (stream, options) => memoryReads(store, stream, options),
});
const memoryReads = (store: EventStore, stream: string, options: ReadStreamOptions) =>
  store
    .readAll(null, Infinity)
    .then((events) =>
      events
        .filter((one) => one.stream === stream && one.revision >= (options.from ?? 0))
        .slice(0, options.limit),
    );

describe('A shared read', () => {
  it('starts after each of its callers asked', async () => {
    const log = memoryLog();
    const store = memoryEventStore(log);
    const people = testProcess(store);
    await people.register({ dni: '1', cuenta: 'ana' });
    let isFirst = true;
    const repository = createRepository({
      async readStream(stream, options) {
        const page = await store.readStream(stream, options);
        if (isFirst) {
          isFirst = false;
          await people.update('ana', { telefono: 'new' });
          late.push(repository.fresh(persona, 'persona-1'), repository.fresh(persona, 'persona-1'));
        }
        return page;
      },
    });
    const late: Promise<{ revision: number }>[] = [];
    expect(await repository.fresh(persona, 'persona-1')).to.include({ revision: 0 });
    expect((await Promise.all(late)).map(({ revision }) => revision)).to.deep.equal([1, 1]);
  });

  it('fails for all its callers when the store does not answer, without a second call', async () => {
    let reads = 0;
    const repository = createRepository({
      async readStream() {
        reads += 1;
        await new Promise(setImmediate);
        throw new EventStoreError('no answer', { outcomeUnknown: false });
      },
    });
    const all = Array.from({ length: 5 }, () => failureOf(repository.fresh(persona, 'persona-1')));
    for (const failure of await Promise.all(all)) expect(failure).to.be.instanceOf(EventStoreError);
    expect(reads).to.equal(1);
  });

  it('continues for the other callers when the first one disconnects', async () => {
    const log = memoryLog();
    const store = memoryEventStore(log);
    await testProcess(store).register({ dni: '1', cuenta: 'ana' });
    const gone = createDeadline(1_000, manualClock());
    const repository = createRepository({
      async readStream(stream, options) {
        await new Promise(setImmediate);
        return store.readStream(stream, options);
      },
    });
    const first = repository.fresh(persona, 'persona-1', { deadline: gone });
    const second = repository.fresh(persona, 'persona-1');
    gone.cancel();
    expect(await failureOf(first)).to.be.instanceOf(EventStoreError);
    expect(await second).to.include({ revision: 0 });
  });

  it('has until the latest deadline of its callers, and none if one of them has none', async () => {
    const given: (number | undefined)[] = [];
    const repository = createRepository({
      async readStream(_stream, { deadline }) {
        given.push(deadline?.remainingMs());
        await new Promise(setImmediate);
        return [];
      },
    });
    const time = manualClock();
    const readAtOnce = (...deadlines: (number | null)[]) =>
      Promise.all(
        deadlines.map((ms) =>
          repository.fresh(persona, 'persona-1', ms === null ? {} : { deadline: createDeadline(ms, time) }),
        ),
      );
    await readAtOnce(1, 100, 300, 200);
    await readAtOnce(2, 100, null, 200);
    expect(given).to.deep.equal([1, 300, 2, undefined]);
  });
});

describe('The cache of subjects', () => {
  it('is bounded by their size as well as by their number', async () => {
    const read: string[] = [];
    const repository = createRepository({
      readStream: async (stream, { from }) => {
        read.push(`${stream} ${from ?? 0}`);
        return [];
      },
    });
    const text = 'x'.repeat(200);
    const large = { ...maria, nombres: text, apellidos: text, telefono: text, foto_url: 'y'.repeat(2_000) };
    const loaded = { revision: 3, position: 1n, occurredAt: null, began: true };
    for (let id = 1; id <= 20_000; id += 1) {
      repository.keep(`persona-${id}`, { ...loaded, state: { ...large, id } });
    }
    await repository.fresh(persona, 'persona-1');
    await repository.fresh(persona, 'persona-20000');
    expect(read).to.deep.equal(['persona-1 0', 'persona-20000 4']);
  });
});
