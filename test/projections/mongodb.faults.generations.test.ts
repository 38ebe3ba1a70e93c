import { expect } from 'chai';
import { NO_VIEW_RECORD } from '../../src/projections/record/viewRecord.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { RowQuery } from '../../src/projections/ports/rows.ts';
import { eventually } from '../support/eventually.ts';
import { describeOnMongo } from '../support/mongodb.ts';
import { at, everything, parked, PEOPLE, person } from './contract/examples.ts';
import { all, FACTS, positions, row } from './contract/rowExamples.ts';
import { behindFaultyProxy, rejection } from './faultyMongo.ts';

describeOnMongo('Generations on MongoDB', () => {
  const { database, proxy, readModel, direct } = behindFaultyProxy();

  const show = async (live: number): Promise<void> => {
    const { controls } = direct();
    const stored = await controls.read(PEOPLE);
    expect(await controls.replace(PEOPLE, stored, { ...NO_VIEW_RECORD, live, newest: live })).to.equal(true);
  };
  const fill = async (generation: number): Promise<void> => {
    const store = await direct().open(PEOPLE, generation);
    const to = at(BigInt(generation));
    expect(await store.write({ documents: [person(1, generation)], from: null, to })).to.equal('written');
  };

  describe('whose replies are lost', () => {
    for (const command of ['insert', 'update', 'createIndexes']) {
      it(`are opened nevertheless: ${command}`, async () => {
        proxy().loseNextAnswerTo(command);
        const store = await readModel().open(PEOPLE, 1);
        expect(proxy().lost).to.deep.equal([command]);
        expect(await store.checkpoint()).to.equal(null);
      });
    }

    for (const command of ['update', 'drop']) {
      it(`are dropped nevertheless: ${command}`, async () => {
        await fill(1);
        proxy().loseNextAnswerTo(command);
        await readModel().drop(PEOPLE, 1);
        expect(proxy().lost).to.deep.equal([command]);
        expect(await direct().generations(PEOPLE)).to.deep.equal([]);
      });
    }

    it('are known to have a repaired document', async () => {
      await fill(1);
      const store = await readModel().open(PEOPLE, 1);
      proxy().loseNextAnswerTo('update');
      expect(await store.repair(person(1, 1), parked(person(1, 1), 3))).to.equal(true);
      proxy().loseNextAnswerTo('insert');
      expect(await store.repair(null, person(2, 0))).to.equal(true);
      proxy().loseNextAnswerTo('update');
      expect(await store.repair(person(2, 7), person(2, 9))).to.equal(false);
      expect(proxy().lost).to.deep.equal(['update', 'insert', 'update']);
      expect(await store.scan(everything)).to.deep.equal([parked(person(1, 1), 3), person(2, 0)]);
    });

    it('get repaired rows', async () => {
      const rows = await readModel().openRows(FACTS, 1);
      proxy().loseNextAnswerTo('update');
      await rows.repair(1n, row(1n, 10));
      await rows.repair(2n, row(2n, 20));
      proxy().loseNextAnswerTo('delete');
      await rows.repair(2n, null);
      expect(proxy().lost).to.deep.equal(['update', 'delete']);
      expect(await rows.scan({ after: null, limit: 10 })).to.deep.equal([
        { position: 1n, json: row(1n, 10).json },
      ]);
    });
  });

  describe('that are being indexed', () => {
    const fillRows = async (): Promise<void> => {
      const rows = await direct().openRows(FACTS, 1);
      await rows.fill({ rows: [row(1n, 10, ['a']), row(2n, 20, ['b'])], from: null, to: at(2n) });
    };
    const found = async (query: RowQuery): Promise<bigint[]> =>
      positions(await (await direct().openRows(FACTS, 1)).find(query));

    it('are waited for beyond the time limit of a call', async () => {
      await fillRows();
      const rows = await readModel().openRows(FACTS, 1);
      proxy().keepNextAnswerTo('createIndexes');
      await rows.seal();
      expect(proxy().lost).to.deep.equal(['createIndexes']);
      expect(await found(all)).to.deep.equal([2n, 1n]);
    });

    it('are given up when the server no longer answers', async () => {
      await fillRows();
      const rows = await readModel().openRows(FACTS, 1);
      proxy().silence();
      expect(await rejection(rows.seal())).to.be.instanceOf(ReadModelError);
    });
  });

  describe('that are current', () => {
    it('are found by a read that arrives after the swap and the drop', async () => {
      await fill(1);
      await show(1);
      const shown = readModel().shown(PEOPLE);
      for (const [generation, read] of [
        [2, () => shown.load([1])],
        [3, async () => (await shown.page(everything)).documents],
        [4, () => shown.scan(everything)],
      ] as const) {
        await shown.load([1]);
        const goOn = proxy().holdBack(`people_v1_g${generation - 1}`);
        const answer = read();
        await eventually('the question is on its way', () => proxy().isHolding());
        await fill(generation);
        await show(generation);
        await direct().drop(PEOPLE, generation - 1);
        goOn();
        expect(await answer).to.deep.equal([person(1, generation)]);
      }
    });

    it('are reported as gone when their part of the record was removed by hand', async () => {
      await fill(1);
      await show(1);
      const shown = readModel().shown(PEOPLE);
      await shown.load([1]);
      await direct().drop(PEOPLE, 1);
      for (const read of [() => shown.load([1]), () => shown.page(everything), () => shown.checkpoint()]) {
        expect(await rejection(read())).to.be.instanceOf(ReadModelError);
      }
    });

    it('reject within the time limit when the server stops answering', async () => {
      await fill(1);
      await show(1);
      const shown = readModel().shown(PEOPLE);
      await shown.load([1]);
      proxy().silence();
      const faults = await Promise.all([
        rejection(shown.load([1])),
        rejection(shown.checkpoint()),
        rejection(readModel().generations(PEOPLE)),
        rejection(readModel().drop(PEOPLE, 1)),
        rejection(readModel().open(PEOPLE, 2)),
      ]);
      for (const fault of faults) expect(fault).to.be.instanceOf(ReadModelError);
      expect(await direct().generations(PEOPLE)).to.deep.equal([1]);
    });

    it('can still be read after every connection was cut', async () => {
      await fill(1);
      await show(1);
      const shown = readModel().shown(PEOPLE);
      for (let time = 1; time <= 2; time++) {
        proxy().cut();
        expect(await shown.load([1])).to.deep.equal([person(1, 1)]);
      }
    });
  });

  describe('that were dropped', () => {
    const batch = { documents: [person(1, 0)], from: null, to: at(1n) };

    it('are not created again by a writer that still has one open and has seen nothing applied', async () => {
      const stale = await readModel().open(PEOPLE, 2);
      await direct().drop(PEOPLE, 2);
      expect(await stale.write(batch)).to.equal('refused');
      expect(await rejection(stale.checkpoint())).to.be.instanceOf(ReadModelError);
    });

    it('are listed as long as a collection exists, so that late writes can be removed', async () => {
      const stale = await readModel().open(PEOPLE, 2);
      await direct().drop(PEOPLE, 2);
      await stale.put([person(1, 0)]);
      expect(await direct().generations(PEOPLE)).to.deep.equal([2]);
      await direct().drop(PEOPLE, 2);
      expect(await direct().generations(PEOPLE)).to.deep.equal([]);
    });

    it('are not created again if the whole record was removed by hand', async () => {
      const stale = await readModel().open(PEOPLE, 2);
      await database().drop();
      expect(await stale.write(batch)).to.equal('refused');
      expect(await rejection(stale.checkpoint())).to.be.instanceOf(ReadModelError);
    });
  });
});
