import { expect } from 'chai';
import type { ViewDocument } from '../../../src/projections/ports/documents.ts';
import { at, byId, everything, ids, PEOPLE, person, tombstone, type OpenedView } from './examples.ts';

/** How documents are written and read again. */
export function documentRules({ storage, view }: OpenedView): void {
  it('are absent for ids that were never written', async () => {
    expect(await view().load([1, 2, 3])).to.deep.equal([]);
  });

  it('are an empty list for an empty list of ids', async () => {
    await view().write({ documents: [person(1, 0)], from: null, to: at(1n) });
    expect(await view().load([])).to.deep.equal([]);
  });

  it('are loaded as they were written, only those asked for', async () => {
    const documents = [person(1, 0), person(2, 4), person(3, 9)];
    expect(await view().write({ documents, from: null, to: at(10n) })).to.equal('written');
    expect(byId(await view().load([3, 1, 99]))).to.deep.equal([person(1, 0), person(3, 9)]);
  });

  it('keep every JSON value of their body as it is', async () => {
    const body = {
      text: 'Ñandú «€» 😀 \\ " \' %_$.',
      empty: '',
      date: '2024-03-01T08:00:00.000Z',
      digits: '0042',
      nothing: null,
      yes: true,
      fraction: 0.1,
      large: Number.MAX_SAFE_INTEGER,
      negative: -5,
      list: [1, 'two', null, { three: [] }],
      nested: { a: { b: { c: {} } } },
    };
    await view().write({ documents: [{ ...person(1, 0), body }], from: null, to: at(1n) });
    expect((await view().load([1]))[0]?.body).to.deep.equal(body);
  });

  it('omit a member that is undefined, as JSON does', async () => {
    const document = { ...person(1, 0), body: { present: 1, absent: undefined } };
    await view().write({ documents: [document], from: null, to: at(1n) });
    expect((await view().load([1]))[0]?.body).to.have.all.keys('present');
  });

  it('are replaced entirely by a higher revision', async () => {
    await view().write({ documents: [{ ...person(1, 0), body: { a: 1, b: 2 } }], from: null, to: at(1n) });
    await view().write({ documents: [{ ...person(1, 1), body: { b: 3 } }], from: at(1n), to: at(2n) });
    expect(await view().load([1])).to.deep.equal([{ ...person(1, 1), body: { b: 3 } }]);
  });

  it('are not overwritten by an older or equal revision, although the batch counts as written', async () => {
    await view().write({ documents: [person(1, 5), person(2, 5)], from: null, to: at(1n) });
    const late = [person(1, 4, 'older'), person(2, 5, 'equal'), person(3, 0, 'new')];
    expect(await view().write({ documents: late, from: at(1n), to: at(2n) })).to.equal('written');
    expect(byId(await view().load([1, 2, 3]))).to.deep.equal([
      person(1, 5),
      person(2, 5),
      person(3, 0, 'new'),
    ]);
    expect(await view().checkpoint()).to.deep.equal(at(2n));
  });

  it('are not overwritten by an older revision from a writer whose checkpoint was overtaken', async () => {
    await view().write({ documents: [person(1, 7)], from: null, to: at(7n) });
    expect(await view().write({ documents: [person(1, 3, 'stale')], from: at(2n), to: at(3n) })).to.equal(
      'refused',
    );
    expect(await view().load([1])).to.deep.equal([person(1, 7)]);
  });

  it('are loaded as another connection left them, whatever was written on this one before', async () => {
    const elsewhere = await (await storage().another()).open(PEOPLE, 1);
    const here = async (): Promise<ViewDocument[]> => byId(await view().load([1, 2, 3]));
    await view().write({ documents: [person(1, 5), person(2, 5), person(3, 5)], from: null, to: at(5n) });
    expect(await here()).to.deep.equal([person(1, 5), person(2, 5), person(3, 5)]);
    await elsewhere.repair(person(1, 5), person(1, 5, 'right'));
    expect(await here()).to.deep.equal([person(1, 5, 'right'), person(2, 5), person(3, 5)]);
    await elsewhere.put([person(2, 6)]);
    expect(await here()).to.deep.equal([person(1, 5, 'right'), person(2, 6), person(3, 5)]);
    await elsewhere.write({ documents: [person(3, 7)], from: at(5n), to: at(7n) });
    expect(await here()).to.deep.equal([person(1, 5, 'right'), person(2, 6), person(3, 7)]);
  });

  it('keep the highest revision if one batch contains a subject several times', async () => {
    const documents = [person(1, 1), person(1, 2), person(2, 2), person(2, 1)];
    await view().write({ documents, from: null, to: at(4n) });
    expect(byId(await view().load([1, 2]))).to.deep.equal([person(1, 2), person(2, 2)]);
  });
}

/** What is left of subjects that were removed. */
export function removalRules({ view }: OpenedView): void {
  beforeEach(async () => {
    await view().write({ documents: [person(1, 0), person(2, 0), person(3, 0)], from: null, to: at(3n) });
    await view().write({ documents: [tombstone(2, 1)], from: at(3n), to: at(4n) });
  });

  it('leaves a tombstone with its revision', async () => {
    expect(await view().load([2])).to.deep.equal([tombstone(2, 1)]);
  });

  it('is on no page', async () => {
    expect(ids((await view().page(everything)).documents)).to.deep.equal([1, 3]);
  });

  it('is not replaced by an older revision', async () => {
    await view().write({ documents: [person(2, 0, 'late')], from: at(4n), to: at(5n) });
    expect(await view().load([2])).to.deep.equal([tombstone(2, 1)]);
    expect(ids((await view().page(everything)).documents)).to.deep.equal([1, 3]);
  });

  it('is replaced by a document of a later revision', async () => {
    await view().write({ documents: [person(2, 2, 'again')], from: at(4n), to: at(5n) });
    expect(ids((await view().page(everything)).documents)).to.deep.equal([1, 2, 3]);
  });
}

export function bigBatchRules({ view }: OpenedView): void {
  it('accepts large batches of new, replaced and repeated documents', async function () {
    this.timeout(60_000);
    const many = 5_000;
    const batch = (revision: number): ViewDocument[] =>
      Array.from({ length: many }, (_, i) => person(i + 1, revision));
    const [first, second] = [at(BigInt(many)), at(BigInt(2 * many))];
    expect(await view().write({ documents: batch(0), from: null, to: first })).to.equal('written');
    expect(ids(await view().load(ids(batch(0))))).to.have.lengthOf(many);
    const next = { documents: batch(1), from: first, to: second };
    expect(await view().write(next)).to.equal('written');
    expect(await view().write(next)).to.equal('refused');
    expect(byId(await view().load(ids(batch(0))))).to.deep.equal(batch(1));
    expect((await view().page({ after: many - 2, limit: 10, words: [] })).documents).to.deep.equal([
      person(many - 1, 1),
      person(many, 1),
    ]);
  });
}
