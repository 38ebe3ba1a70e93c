import { expect } from 'chai';
import type { RowStore } from '../../../src/projections/ports/rows.ts';
import { at } from './examples.ts';
import { all, FACTS, positions, row, type OpenedRows } from './rowExamples.ts';

/** Rows that are brought in in bulk. */
export function fillRules({ storage }: OpenedRows): void {
  const GENERATION = 2;
  const open = (): Promise<RowStore> => storage().readModel.openRows(FACTS, GENERATION);
  const found = async (rows: RowStore, ...keys: string[]): Promise<bigint[]> =>
    positions(await rows.find({ ...all, keys, order: 'asc' }));
  const [one, two, three] = [row(1n, 30, ['a']), row(2n, 20, ['a', 'b']), row(3n, 10, ['b'])];

  it('are found once they are sealed, as if written in batches', async () => {
    const rows = await open();
    expect(await rows.fill({ rows: [three, one], from: null, to: at(1n) })).to.equal('written');
    expect(await rows.fill({ rows: [two], from: at(1n), to: at(3n) })).to.equal('written');
    await rows.seal();
    expect(await found(rows)).to.deep.equal([3n, 2n, 1n]);
    expect(await found(rows, 'a')).to.deep.equal([2n, 1n]);
    expect(await found(rows, 'a', 'b')).to.deep.equal([2n]);
    expect(await rows.checkpoint()).to.deep.equal(at(3n));
  });

  it('move the checkpoint by compare-and-set, like batches', async () => {
    const rows = await open();
    expect(await rows.fill({ rows: [one], from: at(9n), to: at(10n) })).to.equal('refused');
    expect(await rows.fill({ rows: [one], from: null, to: at(1n) })).to.equal('written');
    expect(await rows.fill({ rows: [one], from: null, to: at(1n) })).to.equal('refused');
    expect(await rows.fill({ rows: [two], from: at(1n), to: at(2n) })).to.equal('written');
    await rows.seal();
    expect(await found(rows, 'a')).to.deep.equal([2n, 1n]);
  });

  it('are stored once if they are repeated, wholly or in part', async () => {
    const rows = await open();
    await rows.fill({ rows: [one, two], from: null, to: at(2n) });
    await rows.fill({ rows: [one, two, three], from: at(2n), to: at(3n) });
    await rows.seal();
    expect(await found(rows)).to.deep.equal([3n, 2n, 1n]);
    expect(await found(rows, 'b')).to.deep.equal([3n, 2n]);
  });

  it('are found by frequent and by rare keys, in several batches', async () => {
    const rows = await open();
    const many = Array.from({ length: 40 }, (_, n) =>
      row(BigInt(n + 1), 40 - n, ['common', `half-${n % 2}`, `own-${n}`]),
    );
    await rows.fill({ rows: many.slice(0, 25), from: null, to: at(25n) });
    await rows.fill({ rows: many.slice(20), from: at(25n), to: at(40n) });
    await rows.seal();
    const byInstant = many.map(({ position }) => position).reverse();
    expect(await found(rows, 'common')).to.deep.equal(byInstant);
    expect(await found(rows, 'half-1')).to.deep.equal(byInstant.filter((position) => position % 2n === 0n));
    expect(await found(rows, 'common', 'own-30')).to.deep.equal([31n]);
    expect(await rows.misplaced(many)).to.deep.equal([]);
    expect(await rows.countEntries(40n)).to.be.oneOf([null, 3 * many.length]);
  });

  it('are found whether or not their keys come in order, also where a crash is followed by more', async () => {
    const numbers = [40, 41, 39, 43, 42, 44, 10, 45, 46, 1];
    const many = numbers.map((n, at) => row(BigInt(at + 1), at, [`id:${n}`, `kind:${n % 2}`, 'plain']));
    const rows = await open();
    await rows.fill({ rows: many.slice(0, 3), from: null, to: at(3n) });
    await rows.fill({ rows: many.slice(3, 5), from: at(3n), to: at(5n) });
    await storage().readModel.close();
    const again = await (await storage().another()).openRows(FACTS, GENERATION);
    await again.fill({ rows: many.slice(5, 8), from: at(5n), to: at(8n) });
    await again.fill({ rows: many.slice(8), from: at(8n), to: at(10n) });
    await again.seal();
    for (const [index, n] of numbers.entries())
      expect(await found(again, `id:${n}`), `id ${n}`).to.deep.equal([BigInt(index + 1)]);
    expect(await found(again, 'kind:1')).to.deep.equal([2n, 3n, 4n, 8n, 10n]);
    expect(await again.misplaced(many)).to.deep.equal([]);
    expect(await again.countEntries(10n)).to.be.oneOf([null, 3 * many.length]);
  });

  it('may be sealed again, also from elsewhere, concurrently, or without rows', async () => {
    const rows = await open();
    await rows.seal();
    expect(await found(rows)).to.deep.equal([]);
    await rows.fill({ rows: [one, two], from: null, to: at(2n) });
    const elsewhere = await (await storage().another()).openRows(FACTS, GENERATION);
    await Promise.all([rows.seal(), elsewhere.seal()]);
    await rows.seal();
    expect(await found(rows, 'a')).to.deep.equal([2n, 1n]);
    expect(await found(elsewhere)).to.deep.equal([2n, 1n]);
  });

  it('can be extended after they were sealed, and after a crash before that', async () => {
    const rows = await open();
    await rows.fill({ rows: [one], from: null, to: at(1n) });
    await rows.seal();
    await rows.fill({ rows: [two], from: at(1n), to: at(2n) });
    await storage().readModel.close();
    const again = await (await storage().another()).openRows(FACTS, GENERATION);
    expect(await again.checkpoint()).to.deep.equal(at(2n));
    await again.fill({ rows: [three], from: at(2n), to: at(3n) });
    await again.seal();
    expect(await found(again)).to.deep.equal([3n, 2n, 1n]);
    expect(await found(again, 'b')).to.deep.equal([3n, 2n]);
  });

  it('may be followed by batches', async () => {
    const rows = await open();
    await rows.fill({ rows: [one, two], from: null, to: at(2n) });
    await rows.seal();
    expect(await rows.write({ rows: [two, three], from: at(2n), to: at(3n) })).to.equal('written');
    expect(await found(rows)).to.deep.equal([3n, 2n, 1n]);
    expect(await found(rows, 'a', 'b')).to.deep.equal([2n]);
  });
}

/** Walking through all rows. */
export function rowScanRules({ rows }: OpenedRows): void {
  it('are in the order of positions, whatever the instants', async () => {
    const written = [row(10n, 1), row(9n, 2), row(100n, 0)];
    await rows().write({ rows: written, from: null, to: at(100n) });
    expect(await rows().scan({ after: null, limit: 10 })).to.deep.equal([
      { position: 9n, json: row(9n, 2).json },
      { position: 10n, json: row(10n, 1).json },
      { position: 100n, json: row(100n, 0).json },
    ]);
  });

  it('continue after a position, whether it exists or not, up to the limit', async () => {
    const large = 9_007_199_254_740_993n;
    const written = [1n, 2n, 5n, large, large + 1n].map((position) => row(position, 0));
    await rows().write({ rows: written, from: null, to: at(large + 1n) });
    const scanned = async (after: bigint | null, limit: number): Promise<bigint[]> =>
      (await rows().scan({ after, limit })).map(({ position }) => position);
    expect(await scanned(null, 2)).to.deep.equal([1n, 2n]);
    expect(await scanned(2n, 2)).to.deep.equal([5n, large]);
    expect(await scanned(3n, 1)).to.deep.equal([5n]);
    expect(await scanned(large, 5)).to.deep.equal([large + 1n]);
    expect(await scanned(large + 1n, 5)).to.deep.equal([]);
  });
}

/** Rows that are put right. */
export function rowRepairRules({ rows }: OpenedRows): void {
  beforeEach(async () => {
    const written = [row(1n, 10, ['a']), row(2n, 20, ['a', 'b']), row(3n, 30, ['b'])];
    await rows().write({ rows: written, from: null, to: at(3n) });
  });

  const found = async (...keys: string[]): Promise<bigint[]> =>
    positions(await rows().find({ ...all, keys, order: 'asc' }));

  it('get the instant, the keys and the JSON of the repair only', async () => {
    await rows().repair(2n, { ...row(2n, 5, ['b', 'c']), json: '{"n":-2}' });
    expect(await found()).to.deep.equal([2n, 1n, 3n]);
    expect(await found('a')).to.deep.equal([1n]);
    expect(await found('b')).to.deep.equal([2n, 3n]);
    expect((await rows().find({ ...all, keys: ['c'] })).rows).to.deep.equal([
      { position: 2n, at: 5, json: '{"n":-2}' },
    ]);
    expect(await rows().checkpoint()).to.deep.equal(at(3n));
  });

  it('are added if they are missing', async () => {
    await rows().repair(9n, row(9n, 15, ['a']));
    expect(await found()).to.deep.equal([1n, 9n, 2n, 3n]);
    expect(await found('a')).to.deep.equal([1n, 9n, 2n]);
  });

  it('are removed if they should not exist, or were missing already', async () => {
    for (let time = 1; time <= 2; time++) {
      await rows().repair(2n, null);
      expect(await found()).to.deep.equal([1n, 3n]);
      expect(await found('a')).to.deep.equal([1n]);
      expect(await found('b')).to.deep.equal([3n]);
    }
  });

  it('are exact beyond 2^53', async () => {
    const large = 9_007_199_254_740_993n;
    await rows().repair(large, row(large, 1, ['large']));
    await rows().repair(large + 2n, row(large + 2n, 2, ['large']));
    await rows().repair(large, null);
    const page = await rows().find({ ...all, upTo: large + 2n, keys: ['large'] });
    expect(positions(page)).to.deep.equal([large + 2n]);
  });
}
