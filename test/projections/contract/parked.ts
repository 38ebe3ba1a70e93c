import { expect } from 'chai';
import type { Stretch, ViewDocument } from '../../../src/projections/ports/documents.ts';
import {
  at,
  byId,
  everything,
  holding,
  ids,
  neverGood,
  parked,
  PEOPLE,
  person,
  tombstone,
  type OpenedView,
} from './examples.ts';

const all: Stretch = { after: 0, limit: 1_000 };

/** Documents with a mark that an event could not be applied to them. */
export function parkedRules({ storage, view }: OpenedView): void {
  const stored = async (id: number): Promise<ViewDocument | undefined> => (await view().load([id]))[0];
  const written = async (...documents: ViewDocument[]): Promise<void> => {
    for (const document of documents) await view().put([document]);
  };

  it('keep the last good state and the mark as they were written', async () => {
    const documents = [parked(person(1, 3)), parked(tombstone(2, 4), 7), neverGood(3)];
    await view().write({ documents, from: null, to: at(5n) });
    expect(byId(await view().load([1, 2, 3]))).to.deep.equal(documents);
  });

  it('replace the same revision without a mark', async () => {
    await written(person(1, 3), parked(person(1, 3)));
    expect(await stored(1)).to.deep.equal(parked(person(1, 3)));
  });

  it('are not replaced by the same revision without the mark, from which they were made', async () => {
    await written(parked(person(1, 3)), person(1, 3, 'late'));
    expect(await stored(1)).to.deep.equal(parked(person(1, 3)));
  });

  it('are replaced at the same revision after more attempts', async () => {
    await written(parked(person(1, 3), 9), parked(person(1, 3), 10));
    expect(await stored(1)).to.deep.equal(parked(person(1, 3), 10));
  });

  it('are not replaced at the same revision after as many attempts, or fewer', async () => {
    await written(
      parked(person(1, 3), 10),
      parked(person(1, 3, 'equal'), 10),
      parked(person(1, 3, 'less'), 9),
    );
    expect(await stored(1)).to.deep.equal(parked(person(1, 3), 10));
  });

  it('lose the mark with a later revision, whatever the number of attempts', async () => {
    await written(parked(person(1, 3), 10), person(1, 4));
    expect(await stored(1)).to.deep.equal(person(1, 4));
    expect(await view().parked(all)).to.deep.equal([]);
  });

  it('are replaced by a later revision that is parked after fewer attempts', async () => {
    await written(parked(person(1, 3), 10), parked(person(1, 4), 1));
    expect(await stored(1)).to.deep.equal(parked(person(1, 4), 1));
  });

  it('do not replace a later revision, whatever the number of attempts', async () => {
    await written(person(1, 4), parked(person(1, 3), 10));
    expect(await stored(1)).to.deep.equal(person(1, 4));
  });

  it('keep the mark if a later revision lacks an event that they hold back', async () => {
    await written(parked(person(1, 3)), holding(parked(person(1, 3)), 7), person(1, 6));
    expect(await stored(1)).to.deep.equal(holding(parked(person(1, 3)), 7));
    await written(parked(person(1, 5)));
    expect(await stored(1)).to.deep.equal(holding(parked(person(1, 3)), 7));
    await written(person(1, 7));
    expect(await stored(1)).to.deep.equal(person(1, 7));
  });

  it('accept a later mark that holds back as much or more after as many attempts, never less', async () => {
    await written(holding(parked(person(1, 3), 2), 7), holding(parked(person(1, 3), 3), 6));
    expect(await stored(1)).to.deep.equal(holding(parked(person(1, 3), 2), 7));
    await written(holding(parked(person(1, 3), 2), 8));
    expect(await stored(1)).to.deep.equal(holding(parked(person(1, 3), 2), 8));
    await written(holding(parked(person(1, 3), 1), 9), holding(parked(person(1, 3), 2), 7));
    expect(await stored(1)).to.deep.equal(holding(parked(person(1, 3), 2), 8));
    await written(holding(parked(person(1, 5), 1), 8));
    expect(await stored(1)).to.deep.equal(holding(parked(person(1, 5), 1), 8));
  });

  it('do not hold back more events in a document that has lost its mark', async () => {
    await written(parked(person(1, 3)), person(1, 6), holding(parked(person(1, 3)), 9));
    expect(await stored(1)).to.deep.equal(person(1, 6));
  });

  it('are repaired only from the events that they hold back', async () => {
    const mark = holding(parked(person(1, 3)), 7);
    await written(mark);
    expect(await view().repair(parked(person(1, 3)), person(1, 5))).to.equal(false);
    expect(await view().repair(mark, person(1, 7))).to.equal(true);
    expect(await stored(1)).to.deep.equal(person(1, 7));
  });

  it('are counted, without other documents', async () => {
    expect(await view().countParked()).to.equal(0);
    await written(parked(person(1, 1)), person(2, 1), neverGood(3), tombstone(4, 2), parked(person(5, 0)));
    await written(person(5, 1));
    expect(await view().countParked()).to.equal(2);
  });

  it('follow the same rules within a batch', async () => {
    const documents = [
      person(1, 3),
      parked(person(1, 3), 2),
      parked(person(1, 3), 1),
      parked(person(1, 2), 9),
      parked(person(2, 5)),
      person(2, 6),
    ];
    await view().write({ documents, from: null, to: at(1n) });
    expect(byId(await view().load([1, 2]))).to.deep.equal([parked(person(1, 3), 2), person(2, 6)]);
  });

  it('are replaced by a batch whose other documents are not newer than the stored ones', async () => {
    await view().put([person(1, 5), parked(person(2, 3), 1), person(3, 5)]);
    await view().put([person(1, 4, 'older'), parked(person(2, 3), 2), person(3, 4, 'older')]);
    expect(byId(await view().load([1, 2, 3]))).to.deep.equal([
      person(1, 5),
      parked(person(2, 3), 2),
      person(3, 5),
    ]);
  });

  it('end with the highest number of attempts if several writers retry at once, on any connection', async () => {
    const elsewhere = await (await storage().another()).open(PEOPLE, 1);
    const range = Array.from({ length: 20 }, (_, i) => i + 1);
    await Promise.all(
      [4, 1, 3, 2].map((attempts) =>
        (attempts % 2 === 0 ? view() : elsewhere).put(range.map((id) => parked(person(id, 0), attempts))),
      ),
    );
    expect(byId(await view().load(range))).to.deep.equal(range.map((id) => parked(person(id, 0), 4)));
  });

  it('are listed in the order of their ids, without other documents', async () => {
    await written(
      parked(person(100, 1)),
      person(3, 1),
      neverGood(9),
      tombstone(4, 2),
      parked(tombstone(10, 2)),
    );
    expect(await view().parked(all)).to.deep.equal([
      neverGood(9),
      parked(tombstone(10, 2)),
      parked(person(100, 1)),
    ]);
  });

  it('are listed in pages after an id', async () => {
    await written(...[2, 4, 6, 8].map((id) => parked(person(id, 1))), person(5, 1));
    expect(ids(await view().parked({ after: 0, limit: 2 }))).to.deep.equal([2, 4]);
    expect(ids(await view().parked({ after: 4, limit: 2 }))).to.deep.equal([6, 8]);
    expect(ids(await view().parked({ after: 8, limit: 2 }))).to.deep.equal([]);
  });

  it('are on a page with their last good state, except those that never had one', async () => {
    await written(parked(person(1, 3)), neverGood(2), parked(tombstone(3, 1)));
    expect((await view().page(everything)).documents).to.deep.equal([parked(person(1, 3))]);
  });
}

/** Walking through all there is. */
export function scanRules({ view }: OpenedView): void {
  it('returns every document, including tombstones and those that never had a good state', async () => {
    const documents = [person(1, 0), tombstone(2, 1), neverGood(3), parked(person(10, 0)), person(20, 2)];
    await view().write({ documents: documents.toReversed(), from: null, to: at(1n) });
    expect(await view().scan(all)).to.deep.equal(documents);
    expect(await view().ids(all)).to.deep.equal([1, 2, 3, 10, 20]);
  });

  it('continues after an id, whether it exists or not, and ends at the limit', async () => {
    await view().put([1, 2, 3, 5, 6, 7].map((id) => tombstone(id, 0)));
    const both = async (after: number): Promise<number[][]> => [
      ids(await view().scan({ after, limit: 2 })),
      await view().ids({ after, limit: 2 }),
    ];
    expect(await both(3)).to.deep.equal([
      [5, 6],
      [5, 6],
    ]);
    expect(await both(4)).to.deep.equal([
      [5, 6],
      [5, 6],
    ]);
    expect(await both(7)).to.deep.equal([[], []]);
  });
}
