import { expect } from 'chai';
import type { Checkpoint } from '../../../src/projections/record/viewDeclaration.ts';
import type { Row } from '../../../src/projections/ports/rows.ts';
import { at } from './examples.ts';
import { all, FACTS, numberIn, positions, row, type OpenedRows } from './rowExamples.ts';

/** How rows are written and found. */
export function rowRules({ storage, rows }: OpenedRows): void {
  const write = (written: Row[], from: Checkpoint | null = null, to = at(1_000n)): Promise<string> =>
    rows().write({ rows: written, from, to });

  it('have no checkpoint and no page before anything is written', async () => {
    expect(await rows().checkpoint()).to.equal(null);
    expect(await rows().find(all)).to.deep.equal({ rows: [], next: null });
  });

  it('are found as they were written, by instant and position, in whatever order they arrived', async () => {
    const written = [row(7n, 20), row(3n, 10), row(5n, 20), row(9n, 5)];
    expect(await write(written)).to.equal('written');
    expect(positions(await rows().find({ ...all, order: 'asc' }))).to.deep.equal([9n, 3n, 5n, 7n]);
    expect(positions(await rows().find({ ...all, order: 'desc' }))).to.deep.equal([7n, 5n, 3n, 9n]);
    const [first] = (await rows().find({ ...all, order: 'asc' })).rows;
    expect(first).to.deep.equal({ position: 9n, at: 5, json: row(9n, 5).json });
  });

  it('keep their JSON exactly', async () => {
    const json =
      '{"text": "Ñ «€» 😀 \\\\ \\" % \\u0000", "nothing":null, "fraction":0.10, "2":1, "1":[{"$a.b":1}]}';
    await write([{ ...row(1n, 1), json }]);
    expect((await rows().find(all)).rows[0]?.json).to.equal(json);
  });

  it('accept positions up to the largest signed 64-bit number, exactly', async () => {
    const large = [9_007_199_254_740_993n, 9_007_199_254_740_995n, 9_223_372_036_854_775_807n];
    await write(
      large.map((position) => row(position, 1)),
      null,
      at(9_223_372_036_854_775_807n),
    );
    const upTo = 9_223_372_036_854_775_807n;
    expect(positions(await rows().find({ ...all, upTo, order: 'asc' }))).to.deep.equal(large);
    const after = { at: 1, position: large[0]! };
    expect(positions(await rows().find({ ...all, upTo, order: 'asc', after }))).to.deep.equal(large.slice(1));
    expect((await rows().checkpoint())?.position).to.equal(upTo);
  });

  it('move the checkpoint by compare-and-set, and are refused if it has moved', async () => {
    expect(await write([row(1n, 1)], null, at(1n))).to.equal('written');
    expect(await write([row(1n, 1)], null, at(1n))).to.equal('refused');
    expect(await write([row(2n, 1)], at(9n), at(10n))).to.equal('refused');
    expect(await write([row(2n, 2)], at(1n), at(2n))).to.equal('written');
    expect(await rows().checkpoint()).to.deep.equal(at(2n));
    expect(positions(await rows().find({ ...all, upTo: 2n, order: 'asc' }))).to.deep.equal([1n, 2n]);
  });

  it('stay as first written if a batch is repeated, wholly or in part', async () => {
    await write([row(1n, 1, ['a'])], at(50n), at(60n));
    const twice = [row(1n, 1, ['a']), row(2n, 2, ['a'])];
    await write(twice);
    await write([...twice, row(3n, 3, ['a'])], at(1_000n), at(1_001n));
    expect(positions(await rows().find({ ...all, keys: ['a'], order: 'asc' }))).to.deep.equal([1n, 2n, 3n]);
    expect(positions(await rows().find({ ...all, order: 'asc' }))).to.deep.equal([1n, 2n, 3n]);
  });

  it('are accepted from several writers at once, of which one moves the checkpoint', async () => {
    const elsewhere = await (await storage().another()).openRows(FACTS, 1);
    const batch = {
      rows: Array.from({ length: 50 }, (_, n) => row(BigInt(n + 1), n)),
      from: null,
      to: at(50n),
    };
    const outcomes = await Promise.all([rows().write(batch), elsewhere.write(batch), rows().write(batch)]);
    expect(outcomes.filter((outcome) => outcome === 'written')).to.have.lengthOf(1);
    expect((await elsewhere.find({ ...all, limit: 100 })).rows).to.have.lengthOf(50);
  });

  it('above `upTo` are not shown', async () => {
    await write([row(1n, 1), row(2n, 2), row(3n, 0)]);
    expect(positions(await rows().find({ ...all, upTo: 2n, order: 'asc' }))).to.deep.equal([1n, 2n]);
  });

  it('are found in a half-open range of instants', async () => {
    await write([1, 2, 3, 4].map((n) => row(BigInt(n), n * 10, ['k'])));
    for (const keys of [[], ['k']]) {
      const found = await rows().find({ ...all, keys, from: 20, to: 40, order: 'asc' });
      expect(positions(found)).to.deep.equal([2n, 3n]);
    }
  });

  it('are found only with every key that is asked for', async () => {
    await write([
      row(1n, 1, ['a']),
      row(2n, 2, ['b']),
      row(3n, 3, ['a', 'b']),
      row(4n, 4, ['a', 'b', 'c']),
      row(5n, 5, []),
    ]);
    const found = async (...keys: string[]): Promise<bigint[]> =>
      positions(await rows().find({ ...all, keys, order: 'asc' }));
    expect(await found('a')).to.deep.equal([1n, 3n, 4n]);
    expect(await found('b', 'a')).to.deep.equal([3n, 4n]);
    expect(await found('a', 'b', 'c')).to.deep.equal([4n]);
    expect(await found('a', 'd')).to.deep.equal([]);
    expect(await found('A')).to.deep.equal([]);
  });

  it('distinguish keys exactly', async () => {
    const keys = ['x:a', 'x:a ', 'x:á', 'x:a\u0301', 'x:%', 'x:$ne', 'x:😀', 'x:a.b', 'x:"\'\\'];
    await write(keys.map((key, n) => row(BigInt(n + 1), n, [key])));
    for (const [n, key] of keys.entries()) {
      expect(positions(await rows().find({ ...all, keys: [key] })), key).to.deep.equal([BigInt(n + 1)]);
    }
  });

  it('come with a next place only while there are more', async () => {
    await write([1, 2, 3, 4].map((n) => row(BigInt(n), n)));
    expect((await rows().find({ ...all, limit: 4 })).next).to.equal(null);
    const { next } = await rows().find({ ...all, limit: 3, order: 'asc' });
    expect(next).to.deep.equal({ at: 3, position: 3n });
    expect(await rows().find({ ...all, limit: 3, order: 'asc', after: next })).to.deep.equal({
      rows: [{ position: 4n, at: 4, json: row(4n, 4).json }],
      next: null,
    });
  });

  it('are examined up to the scan limit: a page may be empty and have a next place', async () => {
    await write(
      Array.from({ length: 100 }, (_, n) => row(BigInt(n + 1), n, n === 90 ? ['rare', 'k'] : ['k'])),
    );
    const looked: string[] = [];
    const accepts = (json: string): boolean => {
      looked.push(json);
      return numberIn(json) === 91;
    };
    const page = await rows().find({ ...all, accepts, order: 'asc', limit: 5, scan: 20 });
    expect(page.rows).to.deep.equal([]);
    expect(page.next).to.deep.equal({ at: 19, position: 20n });
    expect(looked).to.have.lengthOf(20);
  });

  it('are examined by the rarest key, wherever that is named', async () => {
    await write(
      Array.from({ length: 100 }, (_, n) => row(BigInt(n + 1), n, n === 90 ? ['rare', 'k'] : ['k'])),
    );
    for (const keys of [
      ['rare', 'k'],
      ['k', 'rare'],
    ]) {
      const page = await rows().find({ ...all, keys, order: 'asc', limit: 5, scan: 20 });
      expect(positions(page)).to.deep.equal([91n]);
      expect(page.next).to.equal(null);
    }
  });

  it('are examined by the rarer of two keys of thousands of rows, in both directions', async () => {
    const many = Array.from({ length: 3_300 }, (_, n) =>
      row(BigInt(n + 1), n, n % 3 === 0 ? ['rarer', 'k'] : ['k']),
    );
    await write(many, null, at(10_000n));
    const query = { ...all, upTo: 10_000n, limit: 100, scan: 110 };
    for (const order of ['asc', 'desc'] as const) {
      for (const keys of [
        ['rarer', 'k'],
        ['k', 'rarer'],
      ]) {
        expect((await rows().find({ ...query, keys, order })).rows, order).to.have.lengthOf(100);
      }
    }
  });

  it('are reported as misplaced if they are not found by each of their keys at their instant', async () => {
    const written = [row(1n, 1, ['a', 'b']), row(2n, 2, []), row(3n, 3, ['c'])];
    await write(written);
    expect(await rows().misplaced(written)).to.deep.equal([]);
    expect(await rows().misplaced([])).to.deep.equal([]);
    const others = [row(1n, 1, ['a', 'x']), row(2n, 9, []), row(3n, 3, ['c']), row(4n, 4, [])];
    expect(await rows().misplaced(others)).to.deep.equal([1n, 2n, 4n]);
  });

  it('have one index entry per key, in stores that count them', async () => {
    await write([row(1n, 1, ['a', 'b']), row(2n, 2, []), row(3n, 3, ['c'])]);
    expect(await rows().countEntries(2n)).to.be.oneOf([null, 2]);
    expect(await rows().countEntries(3n)).to.be.oneOf([null, 3]);
  });

  it('are separate for each view and version', async () => {
    await write([row(1n, 1)]);
    const next = await storage().readModel.openRows({ ...FACTS, version: 2 }, 1);
    await next.seal();
    expect(await next.checkpoint()).to.equal(null);
    expect(await next.find(all)).to.deep.equal({ rows: [], next: null });
  });

  it('survive closing and opening', async () => {
    await write([row(1n, 1, ['a'])]);
    await storage().readModel.close();
    const again = await (await storage().another()).openRows(FACTS, 1);
    expect(positions(await again.find({ ...all, keys: ['a'] }))).to.deep.equal([1n]);
  });
}
