import { expect } from 'chai';
import { at, byId, everything, PEOPLE, person, tombstone, type OpenedView } from './examples.ts';

/** How views and their versions are kept apart, and kept. */
export function viewRules({ storage, view }: OpenedView): void {
  it('are separate: each has its own documents and checkpoint', async () => {
    const users = await storage().readModel.open({ name: 'users', version: 1 }, 1);
    await view().write({ documents: [person(1, 0, 'a person')], from: null, to: at(1n) });
    await users.write({ documents: [person(1, 5, 'a user')], from: null, to: at(9n) });
    expect(await view().load([1])).to.deep.equal([person(1, 0, 'a person')]);
    expect(await users.load([1])).to.deep.equal([person(1, 5, 'a user')]);
    expect(await view().checkpoint()).to.deep.equal(at(1n));
    expect(await users.checkpoint()).to.deep.equal(at(9n));
  });

  it('start empty in a new version, and leave the former version unchanged', async () => {
    await view().write({ documents: [person(1, 3)], from: null, to: at(4n) });
    const next = await storage().readModel.open({ ...PEOPLE, version: 2 }, 1);
    expect(await next.checkpoint()).to.equal(null);
    expect((await next.page(everything)).documents).to.deep.equal([]);
    await next.write({ documents: [person(1, 0, 'anew')], from: null, to: at(1n) });
    expect(await view().load([1])).to.deep.equal([person(1, 3)]);
    expect(await view().checkpoint()).to.deep.equal(at(4n));
  });

  it('are separate even if name and version of one could be read as those of another', async () => {
    const other = await storage().readModel.open({ name: 'people1', version: 1 }, 1);
    const eleven = await storage().readModel.open({ name: 'people', version: 11 }, 1);
    await view().write({ documents: [person(1, 0)], from: null, to: at(1n) });
    expect(await other.load([1])).to.deep.equal([]);
    expect(await eleven.load([1])).to.deep.equal([]);
  });

  it('are the same when opened twice, even at the same time', async () => {
    const elsewhere = await storage().another();
    const declaration = { name: 'fresh', version: 1 };
    const [one, two, three] = await Promise.all([
      storage().readModel.open(declaration, 1),
      elsewhere.open(declaration, 1),
      elsewhere.open(declaration, 1),
    ]);
    await one.write({ documents: [person(1, 0)], from: null, to: at(1n) });
    expect(await two.load([1])).to.deep.equal([person(1, 0)]);
    expect(await three.checkpoint()).to.deep.equal(at(1n));
  });

  it('survive closing and opening', async () => {
    await view().write({ documents: [person(1, 3), tombstone(2, 1)], from: null, to: at(4n) });
    await storage().readModel.close();
    const again = await (await storage().another()).open(PEOPLE, 1);
    expect(byId(await again.load([1, 2]))).to.deep.equal([person(1, 3), tombstone(2, 1)]);
    expect(await again.checkpoint()).to.deep.equal(at(4n));
    expect(await again.write({ documents: [person(3, 0)], from: at(4n), to: at(5n) })).to.equal('written');
  });
}
