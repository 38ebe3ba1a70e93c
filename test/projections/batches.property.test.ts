import { expect } from 'chai';
import fc from 'fast-check';
import { systemClock } from '../../src/platform/clock.ts';
import {
  eventsOf,
  lastEventOf,
  type EventStore,
  type NewEvent,
  type StreamAppend,
  type RecordedEvent,
} from '../../src/events/eventStore.ts';
import { NO_SKIPS, readSkips, type Skips } from '../../src/events/bookkeeping/skips.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { BULK_FOLD_LIMITS } from '../../src/projections/folding/bulkFold.ts';
import { foldOrPark, ProjectionError } from '../../src/projections/folding/fold.ts';
import { documentProjection, type Projection } from '../../src/projections/folding/projection.ts';
import type { Checkpoint } from '../../src/projections/record/viewDeclaration.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { ViewDocument, ViewStore } from '../../src/projections/ports/documents.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { foldSubject } from '../../src/verify/foldSubject.ts';
import { event, failureOf } from '../events/contract/steps.ts';
import { aUser } from '../history/support/people.ts';
import { faultyViews } from '../rebuild/support/faultyViews.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';

const SUBJECTS = 3;
const { views, unbearable } = faultyViews();
unbearable.add('666');
const { users } = views;

type Act = 'register' | 'edit' | 'another edit' | 'unshowable' | 'malformed' | 'remove' | 'lapse';
interface Step {
  subject: number;
  act: Act;
}

const step = fc.record({
  subject: fc.integer({ min: 1, max: SUBJECTS }),
  act: fc.constantFrom<Act>('register', 'edit', 'edit', 'edit', 'unshowable', 'malformed', 'remove', 'lapse'),
});
const plan = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 30 }),
  skipped: fc.array(fc.integer({ min: 1, max: SUBJECTS }), { maxLength: 4 }),
  cuts: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 }),
});

const edit = (telefono: string): NewEvent =>
  event('UserEdited', { changes: { telefono: { from: '0', to: telefono } } });

/** The append of a skip; `expected` is the revision before it. */
function skipOf(subject: number, revision: number, expected: number): StreamAppend {
  const data = { view: 'users', subject: `user-${subject}`, revision, reason: 'why' };
  const skip = event('EventSkipped', data);
  skip.metadata.schemaVersion = 2;
  return { stream: 'padron-skips', expected, events: [skip] };
}

const EVENTS: Record<Act, (id: number) => NewEvent> = {
  register: (id) => event('UserRegistered', { ...aUser, IdUsuario: id } satisfies UserRecord),
  edit: (id) => edit(`6${id}`),
  'another edit': (id) => edit(`7${id}`),
  unshowable: () => edit('666'),
  malformed: () => event('UserEdited', { changes: null }),
  remove: () => event('UserRemoved', {}),
  lapse: () => event('ReservationLapsed', { reservation: 'reservation-x' }),
};

describe('A view of documents, however its events are divided into batches', () => {
  let folder: string;
  let readModel: ReadModel;
  let generation = 0;
  before(() => {
    folder = newFolder();
    readModel = openSqliteReadModel({ folder });
  });
  after(async () => {
    await readModel.close();
    removeFolder(folder);
  });

  /**
   * The events of the steps. Then, for each subject of `skipped`, a skip of the event that it is parked at, if any:
   * no other can be skipped.
   */
  async function logOf(steps: readonly Step[], skipped: readonly number[]) {
    const log = memoryLog();
    const store = memoryEventStore(log);
    const revisions = new Map<number, number>();
    for (const { subject, act } of steps) {
      const expected = revisions.get(subject) ?? -1;
      revisions.set(subject, expected + 1);
      await store.append([{ stream: `user-${subject}`, expected, events: [EVENTS[act](subject)] }]);
    }
    let expected = -1;
    for (const subject of skipped) {
      const own = eventsOf(store, `user-${subject}`);
      const options = { skips: await readSkips(store), now: systemClock.now() };
      const { parked } = await foldOrPark(users, subject, undefined, own, options);
      if (parked === null) continue;
      await store.append([skipOf(subject, parked.revision, expected)]);
      expected += 1;
    }
    return { store, events: log.events };
  }

  async function projectionOf(
    store: EventStore,
    skips: Skips,
  ): Promise<{ viewStore: ViewStore; projection: Projection }> {
    generation += 1;
    const viewStore = await readModel.open(users, generation);
    const projection = documentProjection(users, {
      viewStore,
      store,
      clock: systemClock,
      skips,
      shown: viewStore,
    });
    return { viewStore, projection };
  }

  async function appliedIn(
    store: EventStore,
    batches: RecordedEvent[][],
    { arePrepared = false } = {},
  ): Promise<object[]> {
    const { viewStore, projection } = await projectionOf(store, NO_SKIPS);
    let from: Checkpoint | null = null;
    for (const [index, batch] of batches.entries()) {
      const next = batches[index + 1];
      if (arePrepared && next) projection.prepare?.(next, batch);
      const { position, id } = batch.at(-1)!;
      const to = { position, event: { position, id } };
      expect(await projection.apply(batch, from, to)).to.equal('written');
      from = to;
    }
    return (await viewStore.scan({ after: 0, limit: 100 })).map(withoutTries);
  }

  it('parks a subject at an event that cannot be applied, even if a good one follows in the same batch', async () => {
    const acts: Act[] = ['register', 'edit', 'unshowable', 'edit'];
    const { store, events } = await logOf(
      acts.map((act) => ({ subject: 1, act })),
      [],
    );
    const [document] = (await appliedIn(store, [events])) as ViewDocument[];
    expect(document).to.deep.include({ revision: 1, body: { ...aUser, IdUsuario: 1, telefono: '61' } });
    expect(document?.parked).to.include({ revision: 2, heldUpTo: 3 });

    const filling = (await projectionOf(store, NO_SKIPS)).projection.filling(BULK_FOLD_LIMITS);
    const refused = await failureOf(filling.add(events));
    expect(refused).to.be.instanceOf(ProjectionError).with.property('event').that.includes({ revision: 2 });
  });

  it('honours a skip during a rebuild, whether or not its subject is written by then', async () => {
    const acts: Act[] = ['register', 'edit', 'another edit'];
    const { store, events } = await logOf(
      acts.map((act) => ({ subject: 1, act })),
      [],
    );
    const own = [...events];
    await store.append([skipOf(1, 2, -1)]);
    const skip = events.slice(-1);
    const checkpointAt = ({ position }: RecordedEvent): Checkpoint => ({ position, event: null });
    const written = checkpointAt(own.at(-1)!);
    for (const how of ['in one batch', 'in memory', 'written', 'written by another process'] as const) {
      const { viewStore, projection } = await projectionOf(store, NO_SKIPS);
      let filling = projection.filling(BULK_FOLD_LIMITS);
      if (how === 'in one batch') await filling.add(events);
      else {
        await filling.add(own);
        if (how !== 'in memory') await filling.flush(null, written);
        if (how === 'written by another process') filling = projection.filling(BULK_FOLD_LIMITS);
        await filling.add(skip);
      }
      await filling.flush(await viewStore.checkpoint(), checkpointAt(events.at(-1)!));
      const [document] = await viewStore.load([1]);
      expect(document, how).to.deep.include({
        revision: 2,
        body: { ...aUser, IdUsuario: 1, telefono: '61' },
      });
    }
  });

  it('ends with the same documents and marks, which verify confirms; a rebuild fails where one is parked', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ steps, skipped, cuts }) => {
        const { store, events } = await logOf(steps, skipped);
        const oneByOne = await appliedIn(
          store,
          events.map((one) => [one]),
        );
        const batches = cutInto(events, cuts);
        expect(await appliedIn(store, batches)).to.deep.equal(oneByOne);
        expect(await appliedIn(store, batches, { arePrepared: true })).to.deep.equal(oneByOne);
        expect(await appliedIn(store, [events])).to.deep.equal(oneByOne);

        const skips = await readSkips(store);
        for (const document of oneByOne as ViewDocument[]) {
          const { id, revision } = document;
          const { at } = await foldSubject(users, { store, skips }, { id, revision });
          expect(at).to.deep.equal({ ...document, parked: null });
          const last = (await lastEventOf(store, `user-${id}`))?.revision;
          expect(document.parked ? document.parked.heldUpTo : revision).to.equal(last);
        }

        const isParked = (oneByOne as ViewDocument[]).some(({ parked }) => parked !== null);
        const { viewStore, projection } = await projectionOf(store, skips);
        const filling = projection.filling(BULK_FOLD_LIMITS);
        const { position } = events.at(-1)!;
        const filled = await filling
          .add(events)
          .then(() => filling.flush(null, { position, event: null }))
          .catch((error: unknown) => error);
        if (isParked) expect(filled).to.be.instanceOf(ProjectionError);
        else {
          expect(filled).to.equal('written');
          expect((await viewStore.scan({ after: 0, limit: 100 })).map(withoutTries)).to.deep.equal(oneByOne);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** How often a subject was tried, and when, depends on the batches; nothing else may. */
function withoutTries(document: ViewDocument): object {
  if (!document.parked) return document;
  const { attempts: _attempts, at: _at, ...parked } = document.parked;
  return { ...document, parked };
}

function cutInto(events: readonly RecordedEvent[], cuts: readonly number[]): RecordedEvent[][] {
  const batches: RecordedEvent[][] = [];
  for (let start = 0, turn = 0; start < events.length; turn += 1) {
    const size = cuts[turn % cuts.length] ?? 1;
    batches.push(events.slice(start, start + size));
    start += size;
  }
  return batches;
}
