import { expect } from 'chai';
import type { DocumentState, ViewDocument } from '../../../src/projections/ports/documents.ts';
import { at, byId, parked, PEOPLE, person, tombstone, type OpenedView } from './examples.ts';

/** Documents that are written by themselves. */
export function putRules({ view }: OpenedView): void {
  it('writes a document that is newer than the stored one, and leaves the checkpoint', async () => {
    await view().write({ documents: [person(1, 5), person(2, 5)], from: null, to: at(5n) });
    await view().put([person(1, 4, 'older'), person(2, 6), person(3, 0)]);
    expect(byId(await view().load([1, 2, 3]))).to.deep.equal([person(1, 5), person(2, 6), person(3, 0)]);
    expect(await view().checkpoint()).to.deep.equal(at(5n));
  });

  it('accepts an empty list', async () => {
    await view().put([]);
    expect(await view().scan({ after: 0, limit: 10 })).to.deep.equal([]);
    expect(await view().checkpoint()).to.equal(null);
  });

  it('does not prevent other writers from moving the checkpoint', async () => {
    await view().put([person(1, 0)]);
    const batch = { documents: [person(1, 0), person(2, 0)], from: null, to: at(2n) };
    expect(await view().write(batch)).to.equal('written');
  });
}

/** Documents that are put right. */
export function repairRules({ storage, view }: OpenedView): void {
  const stored = (id: number): Promise<ViewDocument[]> => view().load([id]);

  for (const [what, to] of [
    ['the same revision', person(1, 5, 'right')],
    ['an earlier one', person(1, 3, 'right')],
    ['a later one', person(1, 8, 'right')],
    ['a tombstone', tombstone(1, 5)],
    ['a parked one', parked(person(1, 2))],
  ] as const) {
    it(`replaces a document by ${what}`, async () => {
      await view().write({ documents: [person(1, 5, 'wrong'), person(2, 5)], from: null, to: at(5n) });
      expect(await view().repair(person(1, 5, 'wrong'), to)).to.equal(true);
      expect(byId(await view().load([1, 2]))).to.deep.equal([to, person(2, 5)]);
      expect(await view().checkpoint()).to.deep.equal(at(5n));
    });
  }

  it('removes the mark of a parked document', async () => {
    await view().put([parked(person(1, 5), 2)]);
    expect(await view().repair(parked(person(1, 5), 2), person(1, 5))).to.equal(true);
    expect(await stored(1)).to.deep.equal([person(1, 5)]);
    expect(await view().parked({ after: 0, limit: 10 })).to.deep.equal([]);
  });

  it('adds a missing document', async () => {
    expect(await view().repair(null, person(1, 5))).to.equal(true);
    expect(await stored(1)).to.deep.equal([person(1, 5)]);
  });

  for (const [what, from, there] of [
    ['at another revision', person(1, 4), person(1, 5)],
    ['at an earlier revision', person(1, 6), person(1, 5)],
    ['parked meanwhile', person(1, 5), parked(person(1, 5))],
    ['tried again meanwhile', parked(person(1, 5), 1), parked(person(1, 5), 2)],
    ['not parked any more', parked(person(1, 5)), person(1, 5)],
    ['there, though none was seen', null, person(1, 5)],
    ['there as a tombstone, though none was seen', null, tombstone(1, 5)],
  ] as const satisfies [string, DocumentState | null, ViewDocument][]) {
    it(`leaves a document unchanged that is ${what}`, async () => {
      await view().put([there]);
      expect(await view().repair(from, person(1, 9, 'repaired'))).to.equal(false);
      expect(await stored(1)).to.deep.equal([there]);
    });
  }

  it('adds nothing if the caller expects a document that is missing', async () => {
    expect(await view().repair(person(1, 5), person(1, 5))).to.equal(false);
    expect(await stored(1)).to.deep.equal([]);
  });

  it('succeeds for one of several that start from the same state, on any connection', async () => {
    const elsewhere = await (await storage().another()).open(PEOPLE, 1);
    let from: ViewDocument | null = null;
    for (let round = 0; round < 10; round++) {
      const repairs = [1, 2, 3, 4].map((n) => person(1, 10 * round + n));
      const before: ViewDocument | null = from;
      const outcomes = await Promise.all(
        repairs.map((to, i) => (i % 2 === 0 ? view() : elsewhere).repair(before, to)),
      );
      const done: ViewDocument[] = repairs.filter((_, i) => outcomes[i]);
      expect(done, `round ${round}`).to.have.lengthOf(1);
      expect(await stored(1)).to.deep.equal(done);
      from = done[0]!;
    }
  });

  it('does not revert a write at the same time', async () => {
    const elsewhere = await (await storage().another()).open(PEOPLE, 1);
    for (let revision = 1; revision <= 10; revision++) {
      const from = revision === 1 ? null : person(1, revision - 1);
      await Promise.all([
        elsewhere.put([person(1, revision)]),
        view().repair(from, person(1, revision - 1, 'repaired')),
      ]);
      expect(await stored(1), `revision ${revision}`).to.deep.equal([person(1, revision)]);
    }
  });
}
