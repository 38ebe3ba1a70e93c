import { expect } from 'chai';
import { createRepository } from '../../src/commands/loading/repository.ts';
import { createPastStates, type PastState } from '../../src/commands/loading/pastStates.ts';
import { persona } from '../../src/domain/persona.ts';
import { createKnownSkips } from '../../src/events/bookkeeping/skips.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { asOf, asOfBoth } from '../../src/history/asOf.ts';
import { maria } from '../support/decisions.ts';
import { manyUpdates } from '../support/manyEvents.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { testProcess } from '../support/processes.ts';

const UPDATES = 1_700;
const STREAM = 'persona-1';
/** Events read for one point in time when states around it are kept: up to the next one, and the one before. */
const MAX_READ = 101;

/** A person with many revisions, a repository, and the number of the person's events that it reads. */
async function longPast() {
  const store = memoryEventStore(memoryLog());
  await testProcess(store).register({ dni: '1', cuenta: 'ana' });
  await manyUpdates(store, STREAM, UPDATES);
  let read = 0;
  let onRead: () => void = () => undefined;
  const watched: Pick<EventStore, 'readStream'> = {
    async readStream(stream, options) {
      const page = await store.readStream(stream, options);
      if (stream === STREAM) {
        read += page.length;
        onRead();
      }
      return page;
    },
  };
  const repository = createRepository(watched, createKnownSkips(watched));
  return {
    store,
    repository,
    at: (revision: number) => asOf(repository, persona, STREAM, { revision }),
    async eventsReadBy(work: () => Promise<unknown>): Promise<number> {
      read = 0;
      await work();
      return read;
    },
    onRead(then: () => void) {
      onRead = then;
    },
  };
}

describe('The past of a subject with many revisions', () => {
  it('is folded from its start once; after that, from a kept state near the wanted revision', async () => {
    const { at, eventsReadBy } = await longPast();
    expect(await eventsReadBy(() => at(UPDATES))).to.equal(UPDATES + 1);
    for (const revision of [0, 99, 100, 101, 850, 1_699]) {
      expect(await eventsReadBy(() => at(revision)), `${revision}`).to.be.at.most(MAX_READ);
    }
  });

  it('is read near each of two revisions, not in between', async () => {
    const { repository, at, eventsReadBy } = await longPast();
    await at(UPDATES);
    const both = (a: number, b: number) => () =>
      asOfBoth(repository, persona, STREAM, [{ revision: a }, { revision: b }]);
    expect(await eventsReadBy(both(30, 1_650))).to.be.at.most(2 * MAX_READ);
    expect(await eventsReadBy(both(1_650, 30))).to.be.at.most(2 * MAX_READ);
  });

  it('lets other work run between two pages', async () => {
    const { at } = await longPast();
    let turns = 0;
    let isFolding = true;
    const count = (): void => {
      turns += 1;
      if (isFolding) setImmediate(count);
    };
    setImmediate(count);
    await at(UPDATES);
    isFolding = false;
    expect(turns).to.be.at.least(8);
  });

  it('is kept no more once the subject is forgotten, also by a fold that is under way', async () => {
    const { repository, at, eventsReadBy, onRead } = await longPast();
    let pages = 0;
    onRead(() => {
      pages += 1;
      if (pages === 5) repository.forget(STREAM);
    });
    await at(UPDATES);
    expect(pages).to.be.above(5);
    expect(await eventsReadBy(() => at(UPDATES))).to.equal(UPDATES + 1);
    repository.forget(STREAM);
    expect(await eventsReadBy(() => at(UPDATES))).to.equal(UPDATES + 1);
    expect(await eventsReadBy(() => at(UPDATES))).to.be.at.most(MAX_READ);
  });
});

describe('The kept states of the past', () => {
  const state = (revision: number): PastState => ({
    loaded: { state: maria, revision, position: 1n, occurredAt: null, began: true },
    revision,
    latestAt: 0,
    eventId: String(revision),
  });

  it('are bounded by their size: those of the stream that was read longest ago go first', () => {
    const states = createPastStates(100_000);
    const kept = (stream: string) => states.of(stream).nearest(() => false).found?.revision;
    for (const stream of ['persona-1', 'persona-2', 'persona-3']) {
      const past = states.of(stream);
      for (let revision = 0; revision < 60; revision += 1) past.keep(state(revision));
    }
    expect(kept('persona-3')).to.equal(59);
    expect(kept('persona-1')).to.equal(undefined);
  });
});
