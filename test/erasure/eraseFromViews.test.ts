import { expect } from 'chai';
import { eraseFromViews } from '../../src/erasure/eraseFromViews.ts';
import { ErasedData } from '../../src/events/codec.ts';
import { NO_REVISION, type EventStore, type Position } from '../../src/events/eventStore.ts';
import type { ViewDocument } from '../../src/projections/ports/documents.ts';
import type { Leases } from '../../src/projections/ports/lease.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { Row } from '../../src/projections/ports/rows.ts';
import {
  NO_VIEW_RECORD,
  withChange,
  withRebuild,
  type ViewRecord,
} from '../../src/projections/record/viewRecord.ts';
import type { ViewDeclaration } from '../../src/projections/record/viewDeclaration.ts';
import { history } from '../../src/projections/views/history.ts';
import { personas } from '../../src/projections/views/personas.ts';
import { users } from '../../src/projections/views/users.ts';
import { event, written } from '../events/contract/steps.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { memoryReadModel, memoryViews } from '../support/memoryReadModel.ts';
import { SOCIA_RECORD } from '../support/people.ts';

const SUBJECT = 'user-15';
const REGISTERED: ViewDocument = {
  id: 15,
  revision: 0,
  body: SOCIA_RECORD,
  search: 'maria',
  lookup: { dni: SOCIA_RECORD.dni },
  parked: null,
};
const LIVE: ViewRecord = { ...NO_VIEW_RECORD, live: 1, newest: 1 };

describe('Erasing a person from the views', () => {
  let store: EventStore;
  let readModel: ReadModel;
  /** The row of the registration, with the person's data. */
  let row: Row;
  /** The position of the erasure. */
  let erasedAt: Position;
  let isLeaseFree: boolean;
  let stopping: AbortController;
  /** How long each wait was; the next of `onWait` runs in it. */
  let waits: number[];
  let onWait: (() => Promise<unknown>)[];

  beforeEach(async () => {
    isLeaseFree = true;
    stopping = new AbortController();
    [waits, onWait] = [[], []];
    const raw = memoryEventStore(memoryLog());
    await written(raw, SUBJECT, NO_REVISION, [event('UserRegistered', SOCIA_RECORD)]);
    const [registered] = await raw.readStream(SUBJECT, { limit: 1 });
    row = history.rowOf(registered!)!;
    const data = { erasure: 'e-1', key: 'k-1', reason: 'File 7' };
    erasedAt = await written(raw, SUBJECT, 0, [event('SubjectErased', data)]);
    store = {
      ...raw,
      async readStream(...given) {
        const events = await raw.readStream(...given);
        return events.map((one) => (one.type === 'SubjectErased' ? one : { ...one, data: new ErasedData() }));
      },
    };
    const leases: Leases = {
      expiryMs: 0,
      acquire: async () =>
        isLeaseFree ? { fence: 1, lost: stopping.signal, release: async () => undefined } : null,
      close: async () => undefined,
    };
    readModel = memoryReadModel(memoryViews(), { leases });
    await record(users, LIVE);
    await record(history, LIVE);
    await generation(1, erasedAt);
  });

  async function record(view: ViewDeclaration, control: ViewRecord): Promise<void> {
    await readModel.controls.replace(view, await readModel.controls.read(view), control);
  }
  /** A generation of the users and of the history, with the person's data, as far as `position`. */
  async function generation(number: number, position: Position): Promise<void> {
    const to = { position, event: null };
    await (await readModel.open(users, number)).write({ documents: [REGISTERED], from: null, to });
    await (await readModel.openRows(history, number)).write({ rows: [row], from: null, to });
  }
  /** Moves a generation to a position, without a change of its data. */
  async function move(number: number, to: Position): Promise<void> {
    for (const opened of [await readModel.open(users, number), await readModel.openRows(history, number)]) {
      const from = await opened.checkpoint();
      await opened.write({ documents: [], rows: [], from, to: { position: to, event: null } });
    }
  }
  const erase = (): Promise<boolean> =>
    eraseFromViews(
      {
        store,
        readModel,
        views: { documentViews: [personas, users], rowViews: [history] },
        clock: {
          now: () => new Date().toISOString(),
          async wait(ms) {
            waits.push(ms);
            if (waits.length > 20) stopping.abort();
            await onWait.shift()?.();
          },
        },
      },
      SUBJECT,
      erasedAt,
      stopping.signal,
    );
  /** Whether a generation has none of the person's data. */
  async function isClean(number: number): Promise<boolean> {
    const [document] = await (await readModel.open(users, number)).load([15]);
    const [stored] = await (await readModel.openRows(history, number)).scan({ after: null, limit: 1 });
    return document?.body === null && document.search === '' && stored?.json !== row.json;
  }

  it('removes what a generation still holds that has reached the erasure', async () => {
    expect(await erase()).to.equal(true);
    expect(await isClean(1)).to.equal(true);
  });

  it('waits until a generation has reached the erasure, and only then looks into it', async () => {
    readModel = memoryReadModel(memoryViews(), { leases: readModel.leases });
    await record(users, LIVE);
    await record(history, LIVE);
    await generation(1, erasedAt - 1n);
    const seen: boolean[] = [];
    onWait = [
      async () => seen.push(await isClean(1)),
      async () => seen.push(await isClean(1)),
      () => move(1, erasedAt),
    ];
    expect(await erase()).to.equal(true);
    expect(seen).to.deep.equal([false, false]);
    expect(await isClean(1)).to.equal(true);
  });

  it('drops the generation that was kept for a rollback', async () => {
    await generation(2, erasedAt);
    for (const view of [users, history]) await record(view, { ...LIVE, live: 2, kept: 1, newest: 2 });
    expect(await erase()).to.equal(true);
    for (const view of [users, history]) {
      expect((await readModel.controls.read(view))?.control).to.include({ live: 2, kept: null });
      expect(await readModel.generations(view)).to.deep.equal([2]);
    }
  });

  it('drops the data of older versions', async () => {
    const older = { name: users.name, version: users.version - 1 };
    await record(older, LIVE);
    await (await readModel.open(older, 1)).put([REGISTERED]);
    expect(await erase()).to.equal(true);
    expect(await readModel.generations(older)).to.deep.equal([]);
    expect(await readModel.controls.read(older)).to.equal(null);
  });

  it('is not done while an instance of an older version holds its lease', async () => {
    await record({ name: users.name, version: users.version - 1 }, LIVE);
    isLeaseFree = false;
    expect(await erase()).to.equal(false);
  });

  it('is not done while there is a newer version, which only another instance can clean', async () => {
    await record({ name: history.name, version: history.version + 1 }, LIVE);
    expect(await erase()).to.equal(false);
  });

  it('is not done when it is stopped before a generation has reached the erasure', async () => {
    await generation(2, erasedAt - 1n);
    for (const view of [users, history]) await record(view, withRebuild(LIVE, view, 'now')!);
    onWait = [
      async () => undefined,
      async () => {
        stopping.abort();
      },
    ];
    expect(await erase()).to.equal(false);
    expect(waits).to.have.lengthOf(2);
  });

  it('asks nothing about the views of another kind of person', async () => {
    await record({ name: personas.name, version: personas.version + 1 }, LIVE);
    expect(await erase()).to.equal(true);
  });

  describe('while a rebuild is paused', () => {
    /** What a paused rebuild has written so far does not go beyond the registration. */
    beforeEach(async () => {
      for (const view of [users, history]) {
        const rebuilt = withRebuild(LIVE, view, 'now')!;
        await record(view, withChange(rebuilt, rebuilt.jobs[0]!.id, { state: 'paused' })!);
      }
    });

    it('cleans its generation, and looks again after a second, when the last batch has been written', async () => {
      await generation(2, erasedAt - 1n);
      expect(await erase()).to.equal(true);
      expect(await isClean(1)).to.equal(true);
      expect(await isClean(2)).to.equal(true);
      expect(waits.filter((ms) => ms === 1_000)).to.have.lengthOf(2);
    });

    it('cleans it again if that batch had the person', async () => {
      onWait = Array.from({ length: 9 }, () => async () => {
        if (waits.at(-1) !== 1_000 || (await readModel.generations(users)).includes(2)) return;
        await generation(2, erasedAt - 1n);
      });
      expect(await erase()).to.equal(true);
      expect(await isClean(2)).to.equal(true);
    });

    it('is done if its generation has not been begun', async () => {
      expect(await erase()).to.equal(true);
      expect(waits.filter((ms) => ms === 1_000)).to.have.lengthOf(2);
    });
  });
});
