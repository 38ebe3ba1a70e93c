import { expect } from 'chai';
import { eraseFromViews } from '../../src/erasure/eraseFromViews.ts';
import { ErasedData } from '../../src/events/codec.ts';
import { NO_REVISION, type EventStore, type Position } from '../../src/events/eventStore.ts';
import { isTombstone, type ViewDocument } from '../../src/projections/ports/documents.ts';
import type { Leases } from '../../src/platform/lease.ts';
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
const MAX_WAITS = 20;
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
  /** How long each wait was, in milliseconds; the next of `onWait` runs in it. After MAX_WAITS the erasure is stopped. */
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
    const inMemory = memoryReadModel(memoryViews(), { leases });
    readModel = {
      ...inMemory,
      drop: (...given) => new Promise(setImmediate).then(() => inMemory.drop(...given)),
    };
    await recordBoth(() => LIVE);
    await generation(1, erasedAt);
  });

  async function record(view: ViewDeclaration, control: ViewRecord): Promise<void> {
    await readModel.controls.replace(view, await readModel.controls.read(view), control);
  }
  async function recordBoth(control: (view: ViewDeclaration) => ViewRecord): Promise<void> {
    for (const view of [users, history]) await record(view, control(view));
  }
  const beingRebuilt = (view: ViewDeclaration): ViewRecord => withRebuild(LIVE, view, 'now')!;
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
            if (waits.length > MAX_WAITS) stopping.abort();
            await onWait.shift()?.();
          },
        },
      },
      SUBJECT,
      erasedAt,
      stopping.signal,
    );
  /** What a generation has of the person's data. */
  async function dataIn(number: number): Promise<string[]> {
    const [document] = await (await readModel.open(users, number)).load([15]);
    const [stored] = await (await readModel.openRows(history, number)).scan({ after: null, limit: 1 });
    return [
      ...(document && !isTombstone(document) ? ['document'] : []),
      ...(stored?.json === row.json ? ['row'] : []),
    ];
  }

  it('removes what a generation still holds that has reached the erasure, and changes no record', async () => {
    const before = await readModel.controls.read(users);
    expect(await erase()).to.equal(true);
    expect(await dataIn(1)).to.deep.equal([]);
    expect(await readModel.controls.read(users)).to.deep.equal(before);
    expect(waits).to.not.include(1_000);
  });

  it('has nothing to do in a view that no instance has begun, or of another kind of person', async () => {
    readModel = memoryReadModel(memoryViews(), { leases: readModel.leases });
    await record({ name: personas.name, version: personas.version + 1 }, LIVE);
    expect(await erase()).to.equal(true);
    expect(waits).to.deep.equal([]);
  });

  it('waits until a generation has reached the erasure, and only then looks into it', async () => {
    readModel = memoryReadModel(memoryViews(), { leases: readModel.leases });
    await recordBoth(() => LIVE);
    await generation(1, erasedAt - 1n);
    const seen: string[][] = [];
    const look = async (): Promise<unknown> => seen.push(await dataIn(1));
    onWait = [look, look, () => move(1, erasedAt)];
    expect(await erase()).to.equal(true);
    expect(seen).to.deep.equal([
      ['document', 'row'],
      ['document', 'row'],
    ]);
    expect(await dataIn(1)).to.deep.equal([]);
  });

  it('drops the generation that was kept for a rollback', async () => {
    await generation(2, erasedAt);
    await recordBoth(() => ({ ...LIVE, live: 2, kept: 1, newest: 2 }));
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
    await recordBoth(beingRebuilt);
    expect(await erase()).to.equal(false);
    expect(waits).to.have.lengthOf(MAX_WAITS + 1);
  });

  it('waits for the generation of a rebuild that has yet to begin it', async () => {
    await recordBoth(beingRebuilt);
    onWait = [async () => undefined, async () => undefined, () => generation(2, erasedAt)];
    expect(await erase()).to.equal(true);
    expect(await dataIn(2)).to.deep.equal([]);
    expect(waits).to.not.include(1_000);
  });

  describe('while a rebuild is paused', () => {
    beforeEach(() =>
      recordBoth((view) =>
        withChange(beingRebuilt(view), `${view.name}-v${view.version}-1`, { state: 'paused' })!,
      ),
    );

    it('cleans its generation, and looks again after a second, when the last batch has been written', async () => {
      await generation(2, erasedAt - 1n);
      expect(await erase()).to.equal(true);
      expect(await dataIn(1)).to.deep.equal([]);
      expect(await dataIn(2)).to.deep.equal([]);
      expect(waits.filter((ms) => ms === 1_000)).to.have.lengthOf(2);
    });

    it('cleans it again if that batch had the person', async () => {
      onWait = Array.from({ length: 9 }, () => async () => {
        if (waits.at(-1) !== 1_000 || (await readModel.generations(users)).includes(2)) return;
        await generation(2, erasedAt - 1n);
      });
      expect(await erase()).to.equal(true);
      expect(await dataIn(2)).to.deep.equal([]);
    });

    it('is done if its generation has not been begun, a second later too when it is repeated', async () => {
      for (let times = 1; times <= 2; times += 1) {
        expect(await erase()).to.equal(true);
        expect(waits.filter((ms) => ms === 1_000)).to.have.lengthOf(2 * times);
      }
    });

    it('waits for its generation if it is resumed meanwhile', async () => {
      await generation(2, erasedAt - 1n);
      let isReached = false;
      const resume = async (): Promise<void> => {
        if (waits.filter((ms) => ms === 1_000).length < 2) return;
        await recordBoth(beingRebuilt);
        const none = async (): Promise<void> => undefined;
        onWait = [none, none, async () => move(2, erasedAt).then(() => (isReached = true))];
      };
      onWait = Array.from({ length: 9 }, () => resume);
      expect(await erase()).to.equal(true);
      expect(isReached).to.equal(true);
    });
  });
});
