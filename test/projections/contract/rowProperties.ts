import { expect } from 'chai';
import fc from 'fast-check';
import type { RowPage, RowReader, RowStore } from '../../../src/projections/ports/rows.ts';
import { at } from './examples.ts';
import { FACTS, modelOf, question, someRows, walk, type OpenedRows, type Question } from './rowExamples.ts';

/** What holds for any rows and any question. */
export function rowProperties({ storage, runs }: OpenedRows): void {
  const questions = fc.array(question, { minLength: 1, maxLength: 5 });
  let generation = 1;

  const fresh = async (): Promise<RowStore> => {
    generation += 1;
    return storage().readModel.openRows(FACTS, generation);
  };

  it('are those of a model, once each and in order, when read in pages', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(someRows, questions, async (written, asked) => {
        const own = await fresh();
        await own.seal();
        await own.write({ rows: written, from: null, to: at(70n) });
        for (const one of asked) {
          expect(await walk(own, { ...one, after: null })).to.deep.equal(modelOf(written, one));
        }
      }),
      { numRuns: runs },
    );
  });

  it('give the same answers whether written in bulk and sealed or in batches', async function () {
    this.timeout(60_000);
    const parts = fc.tuple(someRows, fc.nat({ max: 30 }), fc.nat({ max: 30 }));
    const page = (rows: RowReader, one: Question): Promise<RowPage> => rows.find({ ...one, after: null });
    await fc.assert(
      fc.asyncProperty(parts, questions, async ([some, a, b], asked) => {
        const [first, last] = [Math.min(a, b), Math.max(a, b)];
        const [written, filled] = [await fresh(), await fresh()];
        await written.seal();
        await written.write({ rows: some, from: null, to: at(70n) });

        // In two parts, of which the second repeats the first; then sealed, and followed like any other.
        await filled.fill({ rows: some.slice(0, first), from: null, to: at(1n) });
        await filled.fill({ rows: some.slice(0, last), from: at(1n), to: at(2n) });
        await filled.seal();
        await filled.write({ rows: some.slice(first), from: at(2n), to: at(70n) });

        for (const one of asked) expect(await page(filled, one)).to.deep.equal(await page(written, one));
        const stretch = { after: null, limit: 100 };
        expect(await filled.scan(stretch)).to.deep.equal(await written.scan(stretch));
      }),
      { numRuns: runs },
    );
  });
}
