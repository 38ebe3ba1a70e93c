import { expect } from 'chai';
import type { ViewDocument } from '../../../src/projections/ports/documents.ts';
import { at, byId, everything, ids, parked, PEOPLE, person, tombstone, type OpenedView } from './examples.ts';

const named = (id: number, revision: number, name: string): ViewDocument => ({
  ...person(id, revision, name),
  lookup: { dni: `dni-of-${name}`, cuenta: `account-of-${name}` },
});

/** Documents of subjects that were erased. */
export function documentErasureRules({ storage, view }: OpenedView): void {
  const [rosa, pedro, ines] = [named(1, 3, 'rosalinda'), named(2, 3, 'pedro'), named(3, 3, 'inesita')];
  const stored = async (): Promise<ViewDocument[]> => byId(await view().load([1, 2, 3]));

  beforeEach(async () => {
    await view().write({ documents: [rosa, pedro, ines], from: null, to: at(3n) });
  });

  it('leaves a tombstone that no page, no word and no lookup finds, and the checkpoint', async () => {
    await view().erase([tombstone(1, 4)]);
    expect(await stored()).to.deep.equal([tombstone(1, 4), pedro, ines]);
    expect(ids((await view().page(everything)).documents)).to.deep.equal([2, 3]);
    expect((await view().page({ ...everything, words: ['rosalinda'] })).documents).to.deep.equal([]);
    expect(await view().lookUp('dni', 'dni-of-rosalinda')).to.deep.equal([]);
    expect(await view().lookUp('cuenta', 'account-of-rosalinda')).to.deep.equal([]);
    expect(await view().checkpoint()).to.deep.equal(at(3n));
  });

  it('keeps everyone else findable', async () => {
    await view().erase([tombstone(1, 4), tombstone(3, 4)]);
    expect(ids((await view().page({ ...everything, words: ['pedro'] })).documents)).to.deep.equal([2]);
    expect(ids(await view().lookUp('dni', 'dni-of-pedro'))).to.deep.equal([2]);
    expect(await view().unfindable([pedro])).to.deep.equal([]);
  });

  it('removes the mark of a parked document', async () => {
    await view().put([parked(named(2, 3, 'pedro'), 2)]);
    await view().erase([tombstone(2, 4)]);
    expect(await view().load([2])).to.deep.equal([tombstone(2, 4)]);
    expect(await view().parked({ after: 0, limit: 10 })).to.deep.equal([]);
    expect(await view().countParked()).to.equal(0);
  });

  it('is not undone by a late document, nor undoes a later one', async () => {
    await view().erase([tombstone(1, 4), tombstone(2, 2)]);
    await view().put([named(1, 4, 'rosalinda')]);
    const late = { documents: [named(1, 3, 'rosalinda')], from: at(3n), to: at(4n) };
    expect(await view().write(late)).to.equal('written');
    expect(await stored()).to.deep.equal([tombstone(1, 4), pedro, ines]);
  });

  it('writes the tombstone of a subject that has no document, and may be repeated or given none', async () => {
    for (let time = 1; time <= 2; time += 1) await view().erase([tombstone(1, 4), tombstone(7, 1)]);
    await view().erase([]);
    expect(byId(await view().load([1, 2, 7]))).to.deep.equal([tombstone(1, 4), pedro, tombstone(7, 1)]);
  });

  it('is seen on another connection, and at the next start', async () => {
    const elsewhere = await (await storage().another()).open(PEOPLE, 1);
    expect(await elsewhere.load([1])).to.deep.equal([rosa]);
    await view().erase([tombstone(1, 4)]);
    expect(await elsewhere.load([1])).to.deep.equal([tombstone(1, 4)]);
    await storage().readModel.close();
    const again = await (await storage().another()).open(PEOPLE, 1);
    expect(byId(await again.load([1, 2, 3]))).to.deep.equal([tombstone(1, 4), pedro, ines]);
  });

  describe('in the files of a store that has files', () => {
    const isThere = (text: string): boolean => (storage().filesWith?.([text]) ?? []).length > 0;
    const TEXTS = ['rosalinda', 'inesita'];

    beforeEach(function () {
      if (!storage().filesWith) this.skip();
    });

    it('leaves nothing of what was stored, while the store is open', async () => {
      const many = Array.from({ length: 300 }, (_, n) => named(n + 10, 3, `somebody${n}`));
      await view().write({ documents: many, from: at(3n), to: at(4n) });
      expect(TEXTS.map(isThere)).to.deep.equal([true, true]);
      await view().erase([tombstone(1, 4), tombstone(3, 4)]);
      expect(TEXTS.map(isThere)).to.deep.equal([false, false]);
      expect(isThere('dni-of-pedro')).to.equal(true);
    });

    // As after the repair of a parked subject, or a removal: only the erasure looks at the files.
    it('leaves nothing of what another write had replaced by the tombstone before', async () => {
      await view().repair(rosa, tombstone(1, 4));
      await view().put([tombstone(3, 4)]);
      await view().erase([tombstone(1, 4), tombstone(3, 4)]);
      expect(TEXTS.map(isThere)).to.deep.equal([false, false]);
    });
  });
}
