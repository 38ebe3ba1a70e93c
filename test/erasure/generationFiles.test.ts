import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { ErasedData } from '../../src/events/codec.ts';
import { markOf, NO_REVISION, type EventStore, type RecordedEvent } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import type { HistoryEvent } from '../../src/events/types.ts';
import { BULK_FOLD_LIMITS } from '../../src/projections/folding/bulkFold.ts';
import {
  documentProjection,
  projectedRows,
  type Projection,
} from '../../src/projections/folding/projection.ts';
import { NO_SKIPS } from '../../src/events/bookkeeping/skips.ts';
import type { ViewStore } from '../../src/projections/ports/documents.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { Checkpoint } from '../../src/projections/record/viewDeclaration.ts';
import { VIEWS } from '../../src/projections/views/allViews.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { SOCIA_RECORD } from '../support/people.ts';
import { immediateClock } from '../support/processes.ts';
import { readModelInFolder } from '../support/readModels.ts';
import type { ReadModelUnderTest } from '../projections/contract/examples.ts';
import { tombstone } from '../projections/contract/examples.ts';

const STREAM = 'user-15';
const EMAIL = 'rosalinda@example.org';
const REGISTERED: HistoryEvent = { type: 'UserRegistered', data: { ...SOCIA_RECORD, email: EMAIL } };
const REMOVED: HistoryEvent = { type: 'UserRemoved', data: {} };
const ERASED: HistoryEvent = {
  type: 'SubjectErased',
  data: { erasure: randomUUID(), key: 'k'.repeat(22), reason: 'a request' },
};

/** Whatever wrote the tombstone: what the user's document said is in no file once a generation has passed the erasure. */
describe('The files of a generation that reaches an erasure', () => {
  let storage: ReadModelUnderTest;
  let store: EventStore;
  let viewStore: ViewStore;

  beforeEach(async () => {
    storage = await readModelInFolder();
    store = memoryEventStore(memoryLog());
    viewStore = await storage.readModel.open(VIEWS.users, 1);
    await append(REGISTERED);
  });
  afterEach(() => storage.close());

  async function append(event: HistoryEvent, stream = STREAM): Promise<void> {
    const [last] = await store.readStream(stream, { backwards: true, limit: 1 });
    const id = randomUUID();
    const events = [newEvent(id, event, systemOrigin(id), '2026-03-12T08:00:00.000Z')];
    await store.append([{ stream, expected: last?.revision ?? NO_REVISION, events }]);
  }

  const projection = (): Projection =>
    documentProjection(VIEWS.users, {
      viewStore,
      store,
      clock: immediateClock,
      skips: NO_SKIPS,
      shown: viewStore,
    });
  const checkpointAt = (event: RecordedEvent): Checkpoint => ({
    position: event.position,
    event: markOf(event),
  });

  /** Follows the log as a maintained generation does: one event after the other. */
  async function follow(): Promise<void> {
    for (const event of await store.readAll(await position(), 100)) {
      const from = await viewStore.checkpoint();
      expect(await projection().apply([event], from, checkpointAt(event))).to.equal('written');
    }
  }

  /** Builds as a rebuild does that begins, or goes on after a crash, and ends after one write. */
  async function build(read = (event: RecordedEvent) => event): Promise<void> {
    const fold = projection().filling(BULK_FOLD_LIMITS);
    const events = (await store.readAll(await position(), 100)).map(read);
    for (const event of events) await fold.add([event]);
    const from = await viewStore.checkpoint();
    expect(await fold.flush(from, checkpointAt(events.at(-1)!))).to.equal('written');
  }
  const position = async (): Promise<bigint | null> => (await viewStore.checkpoint())?.position ?? null;

  const holdsHer = (): boolean => storage.filesWith!([EMAIL]).length > 0;
  async function expectErased(revision: number): Promise<void> {
    expect(await viewStore.load([15])).to.deep.equal([tombstone(15, revision)]);
    expect(holdsHer()).to.equal(false);
  }

  const PEOPLE = Array.from({ length: 20 }, (_, index) => ({
    stream: `user-${100 + index}`,
    email: `member-${100 + index}@example.org`,
  }));

  /** Registers 20 people, applies that to the history by `apply`, erases them, and applies that as one batch. */
  async function expectErasedAtOnce(
    apply: (history: Projection, events: readonly RecordedEvent[], to: Checkpoint) => Promise<unknown>,
  ): Promise<void> {
    let erasures = 0;
    const readModel: ReadModel = {
      ...storage.readModel,
      openRows: async (...args) => {
        const rows = await storage.readModel.openRows(...args);
        return {
          ...rows,
          erase: (...given) => {
            erasures += 1;
            return rows.erase(...given);
          },
        };
      },
    };
    const gone = new Set<string>();
    const sealed: EventStore = {
      ...store,
      readStream: async (...args) =>
        (await store.readStream(...args)).map((one) =>
          gone.has(one.stream) && one.type !== 'SubjectErased' ? { ...one, data: new ErasedData() } : one,
        ),
    };
    const dependencies = { readModel, store: sealed, clock: immediateClock };
    const history = await projectedRows(VIEWS.history).open(1, dependencies);
    let after: bigint | null = null;
    async function applyNews(): Promise<void> {
      const events = await store.readAll(after, 1_000);
      await apply(history, events, checkpointAt(events.at(-1)!));
      after = events.at(-1)!.position;
    }
    const emails = PEOPLE.map(({ email }) => email);
    const heldOf = (): number => emails.filter((email) => storage.filesWith!([email]).length > 0).length;

    for (const { stream, email } of PEOPLE)
      await append({ ...REGISTERED, data: { ...SOCIA_RECORD, email } } as HistoryEvent, stream);
    await applyNews();
    expect([heldOf(), erasures]).to.deep.equal([PEOPLE.length, 0]);
    for (const { stream } of PEOPLE) {
      await append(ERASED, stream);
      gone.add(stream);
    }
    await applyNews();
    expect([heldOf(), erasures]).to.deep.equal([0, 1]);
  }

  it('hold nothing of many people whose erasures the history meets at once, and are rewritten once', () =>
    expectErasedAtOnce(async (history, events, to) => {
      expect(await history.apply(events, await history.checkpoint(), to)).to.equal('written');
    }));

  it('hold nothing of many people whose erasures a build of the history meets at once, and are rewritten once', () =>
    expectErasedAtOnce(async (history, events, to) => {
      const fold = history.filling(BULK_FOLD_LIMITS);
      await fold.add(events);
      expect(await fold.flush(await history.checkpoint(), to)).to.equal('written');
    }));

  it('hold nothing of a user when followed', async () => {
    await follow();
    expect(holdsHer()).to.equal(true);
    await append(ERASED);
    await follow();
    await expectErased(1);
  });

  it('hold nothing of a user whose erasure the retry of a parked event has folded before', async () => {
    await follow();
    await append(ERASED);
    await viewStore.put([tombstone(15, 1)]);
    expect(holdsHer()).to.equal(true);
    await follow();
    await expectErased(1);
  });

  it('hold nothing of a user who was removed before', async () => {
    await follow();
    await append(REMOVED);
    await follow();
    await append(ERASED);
    await follow();
    await expectErased(2);
  });

  it('hold nothing of a user when built, in one go and with a crash after each event', async () => {
    await build();
    await append(REMOVED);
    await build();
    expect(holdsHer()).to.equal(true);
    await append(ERASED);
    await build();
    await expectErased(2);
  });

  it('hold nothing of a user who was written before a crash that kept the checkpoint, and erased since', async () => {
    await viewStore.put([
      {
        ...tombstone(15, 0),
        body: { ...SOCIA_RECORD, email: EMAIL },
        search: EMAIL,
        lookup: { dni: SOCIA_RECORD.dni },
      },
    ]);
    expect([await viewStore.checkpoint(), holdsHer()]).to.deep.equal([null, true]);
    await append(ERASED);
    await build((event) => (event.type === 'UserRegistered' ? { ...event, data: new ErasedData() } : event));
    await expectErased(1);
  });
});
