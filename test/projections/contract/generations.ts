import { expect } from 'chai';
import type { ReadModel } from '../../../src/projections/ports/readModel.ts';
import { DamagedViewError, unlessGone } from '../../../src/projections/record/readModelError.ts';
import { NO_VIEW_RECORD } from '../../../src/projections/record/viewRecord.ts';
import type { ViewDeclaration } from '../../../src/projections/record/viewDeclaration.ts';
import { failureOf } from '../../events/contract/steps.ts';
import { at, everything, PEOPLE, person, type OpenedView } from './examples.ts';

const all = { after: null, limit: 10 };

/** Complete copies of a view beside each other. */
export function generationRules({ storage, view }: OpenedView): void {
  const readModel = (): ReadModel => storage().readModel;
  const listed = (of: ViewDeclaration = PEOPLE): Promise<number[]> => readModel().generations(of);

  it('have their own documents and checkpoints', async () => {
    const second = await readModel().open(PEOPLE, 2);
    expect(await second.checkpoint()).to.equal(null);
    await view().write({ documents: [person(1, 5), person(2, 0)], from: null, to: at(9n) });
    await second.write({ documents: [person(1, 0, 'anew')], from: null, to: at(1n) });
    expect((await view().page(everything)).documents).to.deep.equal([person(1, 5), person(2, 0)]);
    expect((await second.page(everything)).documents).to.deep.equal([person(1, 0, 'anew')]);
    expect(await view().checkpoint()).to.deep.equal(at(9n));
    expect(await second.checkpoint()).to.deep.equal(at(1n));
  });

  it('are the same when they are opened again', async () => {
    await view().write({ documents: [person(1, 5)], from: null, to: at(9n) });
    const again = await readModel().open(PEOPLE, 1);
    expect(await again.load([1])).to.deep.equal([person(1, 5)]);
    expect(await again.checkpoint()).to.deep.equal(at(9n));
  });

  it('are listed in ascending numerical order, only those of the view in its version', async () => {
    for (const generation of [10, 2, 9]) {
      const store = await readModel().open(PEOPLE, generation);
      await store.write({ documents: [person(1, 0)], from: null, to: at(1n) });
    }
    await view().write({ documents: [], from: null, to: at(1n) });
    for (const other of [
      { name: 'people', version: 2 },
      { name: 'people', version: 11 },
      { name: 'people1', version: 1 },
      { name: 'peopl', version: 1 },
    ]) {
      const store = await readModel().open(other, 77);
      await store.write({ documents: [person(1, 0)], from: null, to: at(1n) });
    }
    expect(await listed()).to.deep.equal([1, 2, 9, 10]);
    expect(await (await storage().another()).generations(PEOPLE)).to.deep.equal([1, 2, 9, 10]);
    expect(await listed({ name: 'people', version: 11 })).to.deep.equal([77]);
    expect(await listed({ name: 'people', version: 3 })).to.deep.equal([]);
  });

  it('lose their documents and checkpoint when dropped, and those of others stay', async () => {
    const [second, twentieth] = [await readModel().open(PEOPLE, 2), await readModel().open(PEOPLE, 20)];
    for (const store of [view(), second, twentieth]) {
      await store.write({ documents: [person(1, 3)], from: null, to: at(4n) });
    }
    await readModel().drop(PEOPLE, 2);
    expect(await listed()).to.deep.equal([1, 20]);
    for (const kept of [view(), twentieth]) {
      expect(await kept.load([1])).to.deep.equal([person(1, 3)]);
      expect(await kept.checkpoint()).to.deep.equal(at(4n));
    }
    const anew = await readModel().open(PEOPLE, 2);
    expect(await anew.checkpoint()).to.equal(null);
    expect(await anew.scan({ after: 0, limit: 10 })).to.deep.equal([]);
  });

  it('that were dropped, or never begun, are not created by callers for which they must exist', async () => {
    const mustExist = { mustExist: true };
    await readModel().drop(PEOPLE, 1);
    for (const of of [1, 7]) {
      expect(await unlessGone(readModel().open(PEOPLE, of, mustExist))).to.equal(null);
      expect(await unlessGone(readModel().openRows(PEOPLE, of, mustExist))).to.equal(null);
    }
    expect(await listed()).to.deep.equal([]);
    const begun = await readModel().open(PEOPLE, 2);
    await begun.write({ documents: [person(1, 5)], from: null, to: at(9n) });
    const again = await (await storage().another()).open(PEOPLE, 2, mustExist);
    expect(await again.load([1])).to.deep.equal([person(1, 5)]);
  });

  it('are damaged if the record names one as current that was dropped, as an interrupted sweep may do', async () => {
    await view().write({ documents: [person(1, 3)], from: null, to: at(4n) });
    await readModel().controls.replace(PEOPLE, await readModel().controls.read(PEOPLE), {
      ...NO_VIEW_RECORD,
      live: 1,
      newest: 1,
    });
    await readModel().drop(PEOPLE, 1);
    const later = await storage().another();
    const asking = [
      later.shown(PEOPLE).checkpoint(),
      later.shown(PEOPLE).load([1]),
      later.open(PEOPLE, 1, { mustExist: true }),
    ];
    for (const failure of await Promise.all(asking.map((one) => failureOf(one)))) {
      expect(failure).to.be.instanceOf(DamagedViewError);
    }
  });

  it('may be dropped again, or without having existed', async () => {
    await view().write({ documents: [person(1, 3)], from: null, to: at(4n) });
    for (let time = 1; time <= 2; time++) {
      await readModel().drop(PEOPLE, 1);
      await readModel().drop(PEOPLE, 5);
      await readModel().drop({ name: 'nobody', version: 3 }, 1);
      expect(await listed()).to.deep.equal([]);
    }
  });

  it('are not affected by late writes to a dropped one', async () => {
    const elsewhere = await storage().another();
    const stale = await elsewhere.open(PEOPLE, 2);
    await stale.write({ documents: [person(1, 0)], from: null, to: at(1n) });
    await view().write({ documents: [person(1, 9)], from: null, to: at(9n) });
    await readModel().drop(PEOPLE, 2);
    // Rejected, refused, or written where nobody reads: as the storage has it.
    await stale.write({ documents: [person(1, 1)], from: at(1n), to: at(2n) }).catch(() => undefined);
    await stale.put([person(2, 0)]).catch(() => undefined);
    expect(await view().scan({ after: 0, limit: 10 })).to.deep.equal([person(1, 9)]);
    expect(await view().checkpoint()).to.deep.equal(at(9n));
    await readModel().drop(PEOPLE, 2);
    expect(await listed()).to.deep.equal([1]);
  });

  it('of rows are separate, listed and dropped in the same way', async () => {
    const facts = { name: 'facts', version: 1 };
    const [first, second] = [await readModel().openRows(facts, 1), await readModel().openRows(facts, 2)];
    for (const [position, rows] of [
      [1n, first],
      [2n, second],
    ] as const) {
      const row = { position, at: 0, keys: ['k'], json: `${position}` };
      await rows.write({ rows: [row], from: null, to: at(position) });
    }
    expect(await listed(facts)).to.deep.equal([1, 2]);
    await readModel().drop(facts, 1);
    expect(await listed(facts)).to.deep.equal([2]);
    expect(await second.scan(all)).to.deep.equal([{ position: 2n, json: '2' }]);
    expect(await second.checkpoint()).to.deep.equal(at(2n));
    const anew = await readModel().openRows(facts, 1);
    expect(await anew.checkpoint()).to.equal(null);
    expect(await anew.scan(all)).to.deep.equal([]);
  });
}
