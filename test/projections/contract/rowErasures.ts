import { expect } from 'chai';
import fc from 'fast-check';
import type { Row, RowStore } from '../../../src/projections/ports/rows.ts';
import { at } from './examples.ts';
import { all, FACTS, modelOf, positions, question, someRows, walk, type OpenedRows } from './rowExamples.ts';

/** A row whose JSON says its keys. */
const said = (position: bigint, instant: number, keys: string[], about = `about ${position}`): Row => ({
  position,
  at: instant,
  keys,
  json: JSON.stringify({ n: Number(position), about, keys }),
});

const keysIn = (json: string): string[] => (JSON.parse(json) as { keys: string[] }).keys;

/** The row, saying less. */
const redacted = ({ position, at: instant }: Row, keys: string[] = []): Row =>
  said(position, instant, keys, 'erased');

/** Rows of subjects that were erased. */
export function rowErasureRules({ storage, rows, runs }: OpenedRows): void {
  const one = said(1n, 10, ['person', 'rosalinda'], 'rosalinda');
  const two = said(2n, 20, ['person', 'pedro']);
  const three = said(3n, 30, ['rosalinda', 'inesita'], 'inesita');
  const ALL = [one, two, three];
  const found = async (store: RowStore, ...keys: string[]): Promise<bigint[]> =>
    positions(await store.find({ ...all, keys, order: 'asc' }));
  const write = async (): Promise<void> => {
    expect(await rows().write({ rows: ALL, from: null, to: at(3n) })).to.equal('written');
  };

  it('keep their instant and place, say what they say now, and are found by the keys that are left', async () => {
    await write();
    await rows().erase([redacted(one, ['person']), redacted(three)], keysIn);
    expect((await rows().find({ ...all, order: 'asc' })).rows).to.deep.equal(
      [redacted(one, ['person']), two, redacted(three)].map(({ position, at: instant, json }) => ({
        position,
        at: instant,
        json,
      })),
    );
    expect(await found(rows(), 'person')).to.deep.equal([1n, 2n]);
    expect(await found(rows(), 'rosalinda')).to.deep.equal([]);
    expect(await found(rows(), 'inesita')).to.deep.equal([]);
    expect(await found(rows(), 'pedro')).to.deep.equal([2n]);
    expect(await rows().checkpoint()).to.deep.equal(at(3n));
  });

  it('are in place by their present keys, and leave no index entry behind', async () => {
    await write();
    await rows().erase([redacted(one, ['person']), redacted(three)], keysIn);
    expect(await rows().misplaced([redacted(one, ['person']), two, redacted(three)])).to.deep.equal([]);
    expect(await rows().countEntries(3n)).to.be.oneOf([null, 3]);
  });

  it('are not added if they are not stored, and stay if a batch is repeated', async () => {
    await write();
    await rows().erase([redacted(one), redacted(said(9n, 5, ['x']), ['x'])], keysIn);
    expect(await found(rows())).to.deep.equal([1n, 2n, 3n]);
    expect(await found(rows(), 'x')).to.deep.equal([]);
    expect(await rows().write({ rows: ALL, from: null, to: at(3n) })).to.equal('refused');
    expect(await found(rows(), 'rosalinda')).to.deep.equal([3n]);
    expect((await rows().scan({ after: null, limit: 1 }))[0]?.json).to.equal(redacted(one).json);
  });

  it('may be erased again, and none at all', async () => {
    await write();
    for (let time = 1; time <= 2; time += 1) await rows().erase([redacted(one)], keysIn);
    await rows().erase([], keysIn);
    expect(await found(rows())).to.deep.equal([1n, 2n, 3n]);
    expect(await found(rows(), 'rosalinda')).to.deep.equal([3n]);
  });

  it('lose every other key if their stored JSON cannot be read', async () => {
    const damaged = { ...one, json: '{"n":1,"about":"rosalinda' };
    await rows().write({ rows: [damaged, two], from: null, to: at(3n) });
    await rows().erase([redacted(one, ['person'])], keysIn);
    expect(await found(rows(), 'person')).to.deep.equal([1n, 2n]);
    expect(await found(rows(), 'rosalinda')).to.deep.equal([]);
    expect(await found(rows())).to.deep.equal([1n, 2n]);
  });

  it('are seen on another connection, and at the next start', async () => {
    await write();
    const elsewhere = await (await storage().another()).openRows(FACTS, 1);
    await rows().erase([redacted(one)], keysIn);
    expect(await found(elsewhere, 'rosalinda')).to.deep.equal([3n]);
    await storage().readModel.close();
    const again = await (await storage().another()).openRows(FACTS, 1);
    expect(await found(again, 'rosalinda')).to.deep.equal([3n]);
    expect((await again.scan({ after: null, limit: 1 }))[0]?.json).to.equal(redacted(one).json);
  });

  it('are erased from what was written in bulk, before and after it is sealed', async () => {
    const filled = await storage().readModel.openRows(FACTS, 2);
    await filled.fill({ rows: ALL, from: null, to: at(3n) });
    await filled.erase([redacted(one, ['person'])], keysIn);
    await filled.seal();
    expect(await found(filled, 'rosalinda')).to.deep.equal([3n]);
    expect(await found(filled, 'person')).to.deep.equal([1n, 2n]);
    await filled.erase([redacted(three)], keysIn);
    await filled.seal();
    expect(await found(filled, 'rosalinda')).to.deep.equal([]);
    expect(await found(filled, 'inesita')).to.deep.equal([]);
    expect(await found(filled)).to.deep.equal([1n, 2n, 3n]);
  });

  it('lose a key shared by many rows of a batch, before the seal', async () => {
    const filled = await storage().readModel.openRows(FACTS, 2);
    const many = Array.from({ length: 40 }, (_, n) => said(BigInt(n + 1), n, ['person', 'rosalinda']));
    await filled.fill({ rows: many, from: null, to: at(40n) });
    await filled.erase(
      many.slice(0, 30).map((row) => redacted(row, ['person'])),
      keysIn,
    );
    await filled.seal();
    const positionsOfAll = many.map(({ position }) => position);
    expect(await found(filled, 'rosalinda')).to.deep.equal(positionsOfAll.slice(30));
    expect(await found(filled, 'person')).to.deep.equal(positionsOfAll);
  });

  it('answer every query as if they had been written as they are now', async () => {
    let generation = 2;
    const keyed = someRows.map((some) =>
      some.map(({ position, at: n, keys }) => said(position, n, [...keys])),
    );
    await fc.assert(
      fc.asyncProperty(
        keyed,
        fc.func(fc.boolean()),
        fc.boolean(),
        question,
        async (some, isErased, isBulk, asked) => {
          const store = await storage().readModel.openRows(FACTS, (generation += 1));
          if (!isBulk) await store.seal();
          await store[isBulk ? 'fill' : 'write']({ rows: some, from: null, to: at(100n) });
          const erased = some
            .filter(({ position }) => isErased(Number(position)))
            .map((row) => redacted(row, row.keys.slice(1)));
          await store.erase(erased, keysIn);
          if (isBulk) await store.seal();
          const byPosition = new Map(erased.map((row) => [row.position, row]));
          const now = some.map((row) => byPosition.get(row.position) ?? row);
          expect(await walk(store, { ...asked, after: null })).to.deep.equal(modelOf(now, asked));
          expect(await store.misplaced(now)).to.deep.equal([]);
        },
      ),
      { numRuns: runs },
    );
  });

  describe('in the files of a store that has files', () => {
    const isThere = (text: string): boolean => (storage().filesWith?.([text]) ?? []).length > 0;
    const TEXTS = ['rosalinda', 'inesita'];

    beforeEach(function () {
      if (!storage().filesWith) this.skip();
    });

    for (const how of ['write', 'fill'] as const) {
      it(`leave nothing of JSON and keys after ${how}, while the store is open`, async () => {
        const store = await storage().readModel.openRows(FACTS, 2);
        const many = Array.from({ length: 700 }, (_, n) => said(BigInt(n + 10), n, ['person', `key-${n}`]));
        await store[how]({ rows: [...ALL, ...many], from: null, to: at(1_000n) });
        expect(TEXTS.map(isThere)).to.deep.equal([true, true]);
        await store.erase([redacted(one, ['person']), redacted(three)], keysIn);
        expect(TEXTS.map(isThere)).to.deep.equal([false, false]);
        await store.seal();
        expect(TEXTS.map(isThere)).to.deep.equal([false, false]);
        expect(isThere('pedro')).to.equal(true);
      });
    }
  });
}
