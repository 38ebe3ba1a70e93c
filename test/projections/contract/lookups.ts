import { expect } from 'chai';
import type { ViewDocument } from '../../../src/projections/ports/documents.ts';
import { at, ids, parked, PEOPLE, person, tombstone, type OpenedView } from './examples.ts';

/** Documents found by a value instead of their id. */
export function lookupRules({ storage, view }: OpenedView): void {
  const held = (id: number, revision: number, lookup: ViewDocument['lookup']): ViewDocument => ({
    ...person(id, revision),
    lookup,
  });
  const found = async (name: string, value: string): Promise<ViewDocument[]> => view().lookUp(name, value);

  it('finds only the document with this value under this name', async () => {
    const documents = [
      held(1, 0, { dni: '1X', cuenta: 'ana' }),
      held(2, 0, { dni: '2X' }),
      held(3, 0, { dni: 'ana' }),
    ];
    await view().write({ documents, from: null, to: at(3n) });
    expect(await found('dni', '1X')).to.deep.equal([documents[0]]);
    expect(await found('cuenta', 'ana')).to.deep.equal([documents[0]]);
    expect(await found('dni', 'ana')).to.deep.equal([documents[2]]);
    expect(await found('dni', '3X')).to.deep.equal([]);
    expect(await found('cuenta', '2X')).to.deep.equal([]);
  });

  it('compares values exactly, with any characters', async () => {
    const values = ['a', 'A', 'á', 'it\'s "quoted"', '$.dni', '%', '.*', '0042', '42', '😀'];
    const documents = values.map((cuenta, index) => held(index + 1, 0, { cuenta }));
    await view().put(documents);
    for (const [index, cuenta] of values.entries()) {
      expect(ids(await found('cuenta', cuenta)), cuenta).to.deep.equal([index + 1]);
    }
  });

  it('follows a value from one document to another', async () => {
    await view().write({ documents: [held(1, 0, { dni: 'X' })], from: null, to: at(1n) });
    await view().write({
      documents: [held(1, 1, { dni: 'Y' }), held(2, 0, { dni: 'X' })],
      from: at(1n),
      to: at(3n),
    });
    expect(ids(await found('dni', 'X'))).to.deep.equal([2]);
    expect(ids(await found('dni', 'Y'))).to.deep.equal([1]);
  });

  it('finds all documents with the value, in the order of their ids', async () => {
    await view().put([held(7, 0, { dni: 'X' }), parked(held(3, 0, { dni: 'X' }))]);
    expect(await found('dni', 'X')).to.deep.equal([
      parked(held(3, 0, { dni: 'X' })),
      held(7, 0, { dni: 'X' }),
    ]);
  });

  it('does not find a tombstone by its former values', async () => {
    await view().write({ documents: [held(1, 0, { dni: 'X' })], from: null, to: at(1n) });
    await view().write({ documents: [tombstone(1, 1)], from: at(1n), to: at(2n) });
    expect(await found('dni', 'X')).to.deep.equal([]);
  });

  it('finds what a repair wrote', async () => {
    await view().put([held(1, 0, { dni: 'X' })]);
    expect(await view().repair(person(1, 0), held(1, 0, { dni: 'Y' }))).to.equal(true);
    expect(ids(await found('dni', 'X'))).to.deep.equal([]);
    expect(ids(await found('dni', 'Y'))).to.deep.equal([1]);
  });

  it('searches the current generation', async () => {
    const { controls, shown, open } = storage().readModel;
    await view().put([held(1, 0, { dni: 'old' })]);
    await (await open(PEOPLE, 2)).put([held(1, 0, { dni: 'new' })]);
    const before = await controls.read(PEOPLE);
    const control = { live: 2, kept: null, newest: 2, jobsBegun: 0, jobs: [] };
    expect(await controls.replace(PEOPLE, before, control)).to.equal(true);
    expect(ids(await shown(PEOPLE).lookUp('dni', 'new'))).to.deep.equal([1]);
    expect(ids(await shown(PEOPLE).lookUp('dni', 'old'))).to.deep.equal([]);
  });
}
