import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { NO_VIEW_RECORD, type ViewRecord } from '../../../src/projections/record/viewRecord.ts';
import type { ReadModel } from '../../../src/projections/ports/readModel.ts';
import type { RowQuery, RowReader } from '../../../src/projections/ports/rows.ts';
import type { ViewReader } from '../../../src/projections/ports/documents.ts';
import {
  at,
  everything,
  ids,
  neverGood,
  parked,
  PEOPLE,
  person,
  readModelError,
  tombstone,
  type OpenedView,
} from './examples.ts';

const FACTS = { name: 'facts', version: 1 };
const anyRow: RowQuery = {
  keys: [],
  accepts: null,
  from: null,
  to: null,
  upTo: 1_000n,
  after: null,
  order: 'desc',
  limit: 50,
  scan: 1_000,
};

/** Makes a generation live, whatever was. */
async function show(
  { controls }: ReadModel,
  live: number | null,
  { of = PEOPLE, kept = null }: { of?: typeof PEOPLE; kept?: number | null } = {},
): Promise<void> {
  const stored = await controls.read(of);
  const newest = Math.max(stored?.control.newest ?? 0, live ?? 0);
  const to: ViewRecord = { ...NO_VIEW_RECORD, ...stored?.control, live, kept, newest };
  expect(await controls.replace(of, stored, to)).to.equal(true);
}

const readsOf = (shown: ViewReader): (() => Promise<unknown>)[] => [
  () => shown.load([1]),
  () => shown.lookUp('dni', '1X'),
  async () => (await shown.page(everything)).documents,
  () => shown.scan({ after: 0, limit: 10 }),
  () => shown.ids({ after: 0, limit: 10 }),
  () => shown.parked({ after: 0, limit: 10 }),
  () => shown.unfindable([]),
];

const rowReadsOf = (shown: RowReader): (() => Promise<unknown>)[] => [
  () => shown.find(anyRow),
  () => shown.scan({ after: null, limit: 10 }),
  () => shown.misplaced([{ position: 1n, at: 0, keys: [], json: '{}' }]),
];

/** A view as readers see it. */
export function shownRules({ storage, view }: OpenedView): void {
  const readModel = (): ReadModel => storage().readModel;

  it('has no checkpoint and rejects every read while no generation is current, even if there is data', async () => {
    await view().write({ documents: [person(1, 0)], from: null, to: at(1n) });
    const rows = await readModel().openRows(FACTS, 1);
    await rows.write({ rows: [], from: null, to: at(1n) });
    const [shown, shownRows] = [readModel().shown(PEOPLE), readModel().shownRows(FACTS)];
    for (const of of [null, PEOPLE, FACTS]) {
      if (of) await show(readModel(), null, { of });
      for (const reader of [shown, shownRows]) expect(await reader.checkpoint()).to.equal(null);
      for (const read of [...readsOf(shown), ...rowReadsOf(shownRows)]) {
        expect((await readModelError(read())).message).to.include('is not built yet');
      }
    }
  });

  it('is the whole current generation', async () => {
    const documents = [person(1, 3), tombstone(2, 1), parked(person(3, 0)), neverGood(4)];
    await view().write({ documents, from: null, to: at(9n) });
    await show(readModel(), 1);
    const shown = readModel().shown(PEOPLE);
    expect(await shown.checkpoint()).to.deep.equal(at(9n));
    expect(await shown.load([1, 99])).to.deep.equal([person(1, 3)]);
    expect(ids((await shown.page(everything)).documents)).to.deep.equal([1, 3]);
    expect(await shown.scan({ after: 0, limit: 10 })).to.deep.equal(documents);
    expect(ids(await shown.parked({ after: 0, limit: 10 }))).to.deep.equal([3, 4]);
  });

  it('is empty if the current generation is', async () => {
    await show(readModel(), 1);
    const shown = readModel().shown(PEOPLE);
    expect(await shown.checkpoint()).to.equal(null);
    for (const read of readsOf(shown)) expect(await read()).to.deep.equal([]);
  });

  it('shows writes to the current generation at once, and none to others', async () => {
    const elsewhere = await storage().another();
    await show(readModel(), 1);
    const shown = elsewhere.shown(PEOPLE);
    expect(await shown.load([1])).to.deep.equal([]);
    const second = await readModel().open(PEOPLE, 2);
    await second.write({ documents: [person(1, 9)], from: null, to: at(9n) });
    expect(await shown.load([1])).to.deep.equal([]);
    await view().write({ documents: [person(1, 0)], from: null, to: at(1n) });
    expect(await shown.load([1])).to.deep.equal([person(1, 0)]);
    expect(await shown.checkpoint()).to.deep.equal(at(1n));
  });

  it('follows the record as soon as it changes, in both directions, on any connection', async () => {
    const elsewhere = await storage().another();
    const readers = [readModel().shown(PEOPLE), elsewhere.shown(PEOPLE)];
    const second = await readModel().open(PEOPLE, 2);
    await view().write({ documents: [person(1, 1)], from: null, to: at(1n) });
    await second.write({ documents: [person(1, 2)], from: null, to: at(2n) });
    for (const [turn, live] of [1, 2, 1, 2].entries()) {
      await show(turn % 2 === 0 ? readModel() : elsewhere, live, { kept: 3 - live });
      for (const shown of readers) {
        expect(await shown.load([1])).to.deep.equal([person(1, live)]);
        expect(await shown.checkpoint()).to.deep.equal(at(BigInt(live)));
      }
    }
  });

  it('is shown by a reader that was created before any generation was current', async () => {
    const shown = (await storage().another()).shown(PEOPLE);
    await readModelError(shown.load([1]));
    await view().write({ documents: [person(1, 0)], from: null, to: at(1n) });
    await show(readModel(), 1);
    expect(await shown.load([1])).to.deep.equal([person(1, 0)]);
  });

  it('is of its own version', async () => {
    await view().write({ documents: [person(1, 0)], from: null, to: at(1n) });
    await show(readModel(), 1);
    await readModelError(readModel().shown({ name: 'people', version: 2 }).load([1]));
    await readModelError(readModel().shown({ name: 'users', version: 1 }).load([1]));
  });

  it('has rows of the current generation, as it has documents', async () => {
    const readers = [readModel().shownRows(FACTS), (await storage().another()).shownRows(FACTS)];
    for (const generation of [1, 2]) {
      const rows = await readModel().openRows(FACTS, generation);
      const position = BigInt(generation);
      const row = { position, at: 0, keys: ['k'], json: `${generation}` };
      await rows.fill({ rows: [row], from: null, to: at(position) });
      await rows.seal();
      await show(readModel(), generation, { of: FACTS });
      for (const shown of readers) {
        expect(await shown.checkpoint()).to.deep.equal(at(position));
        expect((await shown.find(anyRow)).rows.map(({ json }) => json)).to.deep.equal([row.json]);
        expect(await shown.scan({ after: null, limit: 10 })).to.deep.equal([{ position, json: row.json }]);
      }
    }
  });

  it('is never empty or older than before to a reader while one generation replaces another', async function () {
    this.timeout(60_000);
    const SWAPS = 12;
    await view().write({ documents: [person(1, 1)], from: null, to: at(1n) });
    await show(readModel(), 1);
    const elsewhere = await storage().another();
    let swapping = true;

    const readAll = async (shown: ViewReader): Promise<number> => {
      let seen = 0;
      let reads = 0;
      while (swapping) {
        const start = seen;
        const [loaded, page, checkpoint] = await Promise.all([
          shown.load([1]),
          shown.page(everything),
          shown.checkpoint(),
        ]);
        for (const documents of [loaded, page.documents]) {
          expect(ids(documents)).to.deep.equal([1]);
          expect(documents[0]!.revision).to.be.at.least(start);
          seen = Math.max(seen, documents[0]!.revision);
        }
        expect(Number(checkpoint?.position)).to.be.at.least(start);
        reads += 1;
        // Lets others run also where a storage answers without ever waiting.
        await nextTurn();
      }
      return reads;
    };
    const swapAll = async (): Promise<void> => {
      try {
        for (let generation = 2; generation <= SWAPS; generation++) {
          const next = await readModel().open(PEOPLE, generation);
          await next.write({ documents: [person(1, generation)], from: null, to: at(BigInt(generation)) });
          await nextTurn();
          await show(readModel(), generation);
          await readModel().drop(PEOPLE, generation - 1);
          await nextTurn();
        }
      } finally {
        swapping = false;
      }
    };
    const [, ...reads] = await Promise.all([
      swapAll(),
      readAll(elsewhere.shown(PEOPLE)),
      readAll(elsewhere.shown(PEOPLE)),
      readAll(readModel().shown(PEOPLE)),
    ]);
    for (const count of reads) expect(count).to.be.at.least(1);
    expect(await readModel().generations(PEOPLE)).to.deep.equal([SWAPS]);
  });
}
