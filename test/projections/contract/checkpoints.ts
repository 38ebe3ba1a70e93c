import { expect } from 'chai';
import type { Checkpoint } from '../../../src/projections/record/viewDeclaration.ts';
import { at, byId, PEOPLE, person, tombstone, type OpenedView } from './examples.ts';

/** How the checkpoint moves. */
export function checkpointRules({ storage, view }: OpenedView): void {
  it('is null before the first batch', async () => {
    expect(await view().checkpoint()).to.equal(null);
  });

  it('is that of the last written batch', async () => {
    await view().write({ documents: [], from: null, to: at(3n) });
    await view().write({ documents: [], from: at(3n), to: at(8n) });
    expect(await view().checkpoint()).to.deep.equal(at(8n));
  });

  it('has no event id before the first event of our own', async () => {
    const foreign: Checkpoint = { position: 5n, event: null };
    expect(await view().write({ documents: [], from: null, to: foreign })).to.equal('written');
    expect(await view().checkpoint()).to.deep.equal(foreign);
    expect(await view().write({ documents: [], from: foreign, to: at(6n) })).to.equal('written');
    expect(await view().checkpoint()).to.deep.equal(at(6n));
  });

  it('may stay unchanged while documents are written', async () => {
    await view().write({ documents: [person(1, 0)], from: null, to: at(1n) });
    expect(await view().write({ documents: [person(1, 1)], from: at(1n), to: at(1n) })).to.equal('written');
    expect(await view().load([1])).to.deep.equal([person(1, 1)]);
  });

  it('is exact beyond 2^53 and up to 2^63 - 1', async () => {
    const far = 9_007_199_254_740_993n;
    const farthest = 9_223_372_036_854_775_807n;
    await view().write({ documents: [], from: null, to: at(far) });
    expect(await view().checkpoint()).to.deep.equal(at(far));
    expect(await view().write({ documents: [], from: at(far - 1n), to: at(far + 1n) })).to.equal('refused');
    expect(await view().write({ documents: [], from: at(far), to: at(farthest) })).to.equal('written');
    expect(await view().checkpoint()).to.deep.equal(at(farthest));
  });

  for (const [what, from] of [
    ['none, though there is one', null],
    ['an earlier position', { position: 2n, event: { position: 2n, id: 'event-2' } }],
    ['a later position', { position: 9n, event: { position: 9n, id: 'event-9' } }],
    [
      'the same position with another event',
      { position: 3n, event: { position: 3n, id: 'event-of-another-log' } },
    ],
    ['the same position without an event', { position: 3n, event: null }],
  ] as const) {
    it(`does not move for a writer that expects ${what}`, async () => {
      await view().write({ documents: [], from: null, to: at(3n) });
      expect(await view().write({ documents: [person(1, 0)], from, to: at(10n) })).to.equal('refused');
      expect(await view().checkpoint()).to.deep.equal(at(3n));
    });
  }

  it('does not move for a writer that expects one if there is none', async () => {
    expect(await view().write({ documents: [], from: at(1n), to: at(2n) })).to.equal('refused');
    expect(await view().checkpoint()).to.equal(null);
  });

  it('is moved by only one of several simultaneous writers, on any connection', async () => {
    const elsewhere = await (await storage().another()).open(PEOPLE, 1);
    for (let round = 0n; round < 10n; round++) {
      const from = await view().checkpoint();
      const targets = [1n, 2n, 3n, 4n].map((n) => at(round * 10n + n));
      const outcomes = await Promise.all(
        targets.map((to, i) =>
          (i % 2 === 0 ? view() : elsewhere).write({ documents: [person(i + 1, Number(round))], from, to }),
        ),
      );
      const winners = targets.filter((_, i) => outcomes[i] === 'written');
      expect(winners, `round ${round.toString()}`).to.have.lengthOf(1);
      expect(await view().checkpoint()).to.deep.equal(winners[0]);
    }
  });

  it('never includes missing documents: a reader that sees it sees them', async () => {
    const reader = await (await storage().another()).open(PEOPLE, 1);
    let from: Checkpoint | null = null;
    for (let n = 1; n <= 20; n++) {
      const to = at(BigInt(n));
      const seen = reader.checkpoint().then(async (checkpoint) => {
        const [document] = await reader.load([1]);
        return { upTo: Number(checkpoint?.position ?? 0n), revision: document?.revision ?? 0 };
      });
      await view().write({ documents: [person(1, n)], from, to });
      const { upTo, revision } = await seen;
      expect(revision).to.be.at.least(upTo);
      from = to;
    }
  });
}

/** What comes of batches that are written again. */
export function repeatRules({ storage, view }: OpenedView): void {
  const first = { documents: [person(1, 0), person(2, 0)], from: null, to: at(2n) };

  it('is refused if it was written already, and changes neither document nor checkpoint', async () => {
    expect(await view().write(first)).to.equal('written');
    expect(await view().write(first)).to.equal('refused');
    expect(byId(await view().load([1, 2]))).to.deep.equal(first.documents);
    expect(await view().checkpoint()).to.deep.equal(first.to);
  });

  it('changes nothing if later batches are written already', async () => {
    await view().write(first);
    await view().write({ documents: [person(1, 1), tombstone(2, 1)], from: first.to, to: at(4n) });
    expect(await view().write(first)).to.equal('refused');
    expect(byId(await view().load([1, 2]))).to.deep.equal([person(1, 1), tombstone(2, 1)]);
    expect(await view().checkpoint()).to.deep.equal(at(4n));
  });

  it('completes one of which some or all documents are stored but not the checkpoint', async () => {
    // A refused writer leaves what an interrupted one may leave: documents without the checkpoint, or nothing.
    const refused = { documents: [person(2, 0), person(3, 0)], from: at(77n), to: at(78n) };
    expect(await view().write(refused)).to.equal('refused');
    const documents = [person(1, 0), person(2, 0), person(3, 0), person(4, 0)];
    expect(await view().write({ documents, from: null, to: at(4n) })).to.equal('written');
    expect(byId(await view().load([1, 2, 3, 4]))).to.deep.equal(documents);
    expect(await view().checkpoint()).to.deep.equal(at(4n));
  });

  it('leaves each document at its highest revision if several write at once', async () => {
    const elsewhere = await (await storage().another()).open(PEOPLE, 1);
    const range = Array.from({ length: 40 }, (_, i) => i + 1);
    await Promise.all(
      [1, 2, 3, 4].map((revision) =>
        (revision % 2 === 0 ? view() : elsewhere).write({
          documents: range.map((id) => person(id, revision)),
          from: null,
          to: at(BigInt(revision)),
        }),
      ),
    );
    // Whoever was refused stopped anywhere; what a writer was told is written is there.
    const reached = Number((await view().checkpoint())?.position ?? 0n);
    expect(reached).to.be.at.least(1);
    for (const document of await view().load(range)) expect(document.revision).to.be.at.least(reached);
    expect(await view().load(range)).to.have.lengthOf(range.length);
  });
}
