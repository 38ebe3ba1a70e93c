import { expect } from 'chai';
import type {
  Checkpoint,
  PageQuery,
  ReadModel,
  ViewDeclaration,
  ViewDocument,
  ViewStore,
} from '../../src/projections/readModel.ts';
import { searchText, searchWords } from '../../src/projections/readModel.ts';

/** An empty storage that one test owns. */
export interface ReadModelUnderTest {
  readModel: ReadModel;
  /** Opens the same storage once more, beside what is open, as another process or the next start does. */
  another(): Promise<ReadModel>;
  /** How many documents a big batch has; 5,000 where nothing is said. */
  many?: number;
  /** Closes everything opened here, if it is not closed yet, and removes the storage. */
  close(): Promise<void>;
}

/** The rules of the ReadModel port, to be run against every adapter. `open` is called once per test. */
export function describeReadModelContract(name: string, open: () => Promise<ReadModelUnderTest>): void {
  describe(`the read model on ${name}`, () => {
    let storage: ReadModelUnderTest;
    let view: ViewStore;

    beforeEach(async () => {
      storage = await open();
      view = await storage.readModel.open(PEOPLE);
    });

    afterEach(() => storage.close());

    describe('documents', () => {
      it('are none for ids that were never written', async () => {
        expect(await view.load([1, 2, 3])).to.deep.equal([]);
      });

      it('are none for no ids', async () => {
        await view.write({ documents: [person(1, 0)], from: null, to: at(1n) });
        expect(await view.load([])).to.deep.equal([]);
      });

      it('are loaded as they were written, the asked ones only', async () => {
        const documents = [person(1, 0), person(2, 4), person(3, 9)];
        expect(await view.write({ documents, from: null, to: at(10n) })).to.equal('written');
        expect(byId(await view.load([3, 1, 99]))).to.deep.equal([person(1, 0), person(3, 9)]);
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
        await view.write({ documents: [{ ...person(1, 0), body }], from: null, to: at(1n) });
        expect((await view.load([1]))[0]?.body).to.deep.equal(body);
      });

      it('leave out a member that is undefined, as JSON does', async () => {
        const document = { ...person(1, 0), body: { present: 1, absent: undefined } };
        await view.write({ documents: [document], from: null, to: at(1n) });
        expect((await view.load([1]))[0]?.body).to.have.all.keys('present');
      });

      it('are replaced as a whole by a higher revision', async () => {
        await view.write({ documents: [{ ...person(1, 0), body: { a: 1, b: 2 } }], from: null, to: at(1n) });
        await view.write({ documents: [{ ...person(1, 1), body: { b: 3 } }], from: at(1n), to: at(2n) });
        expect(await view.load([1])).to.deep.equal([{ ...person(1, 1), body: { b: 3 } }]);
      });

      it('are not overwritten by an older or an equal revision, though the batch counts as written', async () => {
        await view.write({ documents: [person(1, 5), person(2, 5)], from: null, to: at(1n) });
        const late = [person(1, 4, 'older'), person(2, 5, 'equal'), person(3, 0, 'new')];
        expect(await view.write({ documents: late, from: at(1n), to: at(2n) })).to.equal('written');
        expect(byId(await view.load([1, 2, 3]))).to.deep.equal([
          person(1, 5),
          person(2, 5),
          person(3, 0, 'new'),
        ]);
        expect(await view.checkpoint()).to.deep.equal(at(2n));
      });

      it('are not overwritten by an older revision from a writer whose checkpoint was passed', async () => {
        await view.write({ documents: [person(1, 7)], from: null, to: at(7n) });
        expect(await view.write({ documents: [person(1, 3, 'stale')], from: at(2n), to: at(3n) })).to.equal(
          'refused',
        );
        expect(await view.load([1])).to.deep.equal([person(1, 7)]);
      });

      it('keep the highest revision when one batch has a subject several times', async () => {
        const documents = [person(1, 1), person(1, 2), person(2, 2), person(2, 1)];
        await view.write({ documents, from: null, to: at(4n) });
        expect(byId(await view.load([1, 2]))).to.deep.equal([person(1, 2), person(2, 2)]);
      });
    });

    describe('a removed subject', () => {
      beforeEach(async () => {
        await view.write({ documents: [person(1, 0), person(2, 0), person(3, 0)], from: null, to: at(3n) });
        await view.write({ documents: [tombstone(2, 1)], from: at(3n), to: at(4n) });
      });

      it('leaves a tombstone with its revision', async () => {
        expect(await view.load([2])).to.deep.equal([tombstone(2, 1)]);
      });

      it('is in no page', async () => {
        expect(ids(await view.page(everything))).to.deep.equal([1, 3]);
      });

      it('is not brought back by an older revision', async () => {
        await view.write({ documents: [person(2, 0, 'late')], from: at(4n), to: at(5n) });
        expect(await view.load([2])).to.deep.equal([tombstone(2, 1)]);
        expect(ids(await view.page(everything))).to.deep.equal([1, 3]);
      });

      it('comes back by a later revision', async () => {
        await view.write({ documents: [person(2, 2, 'again')], from: at(4n), to: at(5n) });
        expect(ids(await view.page(everything))).to.deep.equal([1, 2, 3]);
      });
    });

    describe('the checkpoint', () => {
      it('is null before the first batch', async () => {
        expect(await view.checkpoint()).to.equal(null);
      });

      it('is that of the last batch written', async () => {
        await view.write({ documents: [], from: null, to: at(3n) });
        await view.write({ documents: [], from: at(3n), to: at(8n) });
        expect(await view.checkpoint()).to.deep.equal(at(8n));
      });

      it('has no event id before the first event of our own', async () => {
        const foreign: Checkpoint = { position: 5n, event: null };
        expect(await view.write({ documents: [], from: null, to: foreign })).to.equal('written');
        expect(await view.checkpoint()).to.deep.equal(foreign);
        expect(await view.write({ documents: [], from: foreign, to: at(6n) })).to.equal('written');
        expect(await view.checkpoint()).to.deep.equal(at(6n));
      });

      it('may stay where it is while documents are written', async () => {
        await view.write({ documents: [person(1, 0)], from: null, to: at(1n) });
        expect(await view.write({ documents: [person(1, 1)], from: at(1n), to: at(1n) })).to.equal('written');
        expect(await view.load([1])).to.deep.equal([person(1, 1)]);
      });

      it('is exact beyond 2^53 and up to 2^63 - 1', async () => {
        const far = 9_007_199_254_740_993n;
        const farthest = 9_223_372_036_854_775_807n;
        await view.write({ documents: [], from: null, to: at(far) });
        expect(await view.checkpoint()).to.deep.equal(at(far));
        expect(await view.write({ documents: [], from: at(far - 1n), to: at(far + 1n) })).to.equal('refused');
        expect(await view.write({ documents: [], from: at(far), to: at(farthest) })).to.equal('written');
        expect(await view.checkpoint()).to.deep.equal(at(farthest));
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
        it(`does not move for a writer that started from ${what}`, async () => {
          await view.write({ documents: [], from: null, to: at(3n) });
          expect(await view.write({ documents: [person(1, 0)], from, to: at(10n) })).to.equal('refused');
          expect(await view.checkpoint()).to.deep.equal(at(3n));
        });
      }

      it('does not move for a writer that started from one where there is none yet', async () => {
        expect(await view.write({ documents: [], from: at(1n), to: at(2n) })).to.equal('refused');
        expect(await view.checkpoint()).to.equal(null);
      });

      it('goes to one of several writers that move it in the same instant, on any connection', async () => {
        const elsewhere = await (await storage.another()).open(PEOPLE);
        for (let round = 0n; round < 10n; round++) {
          const from = await view.checkpoint();
          const targets = [1n, 2n, 3n, 4n].map((n) => at(round * 10n + n));
          const outcomes = await Promise.all(
            targets.map((to, i) =>
              (i % 2 === 0 ? view : elsewhere).write({ documents: [person(i + 1, Number(round))], from, to }),
            ),
          );
          const winners = targets.filter((_, i) => outcomes[i] === 'written');
          expect(winners, `round ${round.toString()}`).to.have.lengthOf(1);
          expect(await view.checkpoint()).to.deep.equal(winners[0]);
        }
      });

      it('never stands before documents that are missing: a reader that sees it sees them', async () => {
        const reader = await (await storage.another()).open(PEOPLE);
        let from: Checkpoint | null = null;
        for (let n = 1; n <= 20; n++) {
          const to = at(BigInt(n));
          const seen = reader.checkpoint().then(async (checkpoint) => {
            const [document] = await reader.load([1]);
            return { upTo: Number(checkpoint?.position ?? 0n), revision: document?.revision ?? 0 };
          });
          await view.write({ documents: [person(1, n)], from, to });
          const { upTo, revision } = await seen;
          expect(revision).to.be.at.least(upTo);
          from = to;
        }
      });
    });

    describe('repeating a batch', () => {
      const first = { documents: [person(1, 0), person(2, 0)], from: null, to: at(2n) };

      it('changes nothing when it was written: it is refused, and document and checkpoint stay', async () => {
        expect(await view.write(first)).to.equal('written');
        expect(await view.write(first)).to.equal('refused');
        expect(byId(await view.load([1, 2]))).to.deep.equal(first.documents);
        expect(await view.checkpoint()).to.deep.equal(first.to);
      });

      it('changes nothing when later batches are written already', async () => {
        await view.write(first);
        await view.write({ documents: [person(1, 1), tombstone(2, 1)], from: first.to, to: at(4n) });
        expect(await view.write(first)).to.equal('refused');
        expect(byId(await view.load([1, 2]))).to.deep.equal([person(1, 1), tombstone(2, 1)]);
        expect(await view.checkpoint()).to.deep.equal(at(4n));
      });

      it('completes one whose documents, all or some, are there while the checkpoint has not moved', async () => {
        // A refused writer leaves what an interrupted one may leave: documents without the checkpoint, or nothing.
        const refused = { documents: [person(2, 0), person(3, 0)], from: at(77n), to: at(78n) };
        expect(await view.write(refused)).to.equal('refused');
        const documents = [person(1, 0), person(2, 0), person(3, 0), person(4, 0)];
        expect(await view.write({ documents, from: null, to: at(4n) })).to.equal('written');
        expect(byId(await view.load([1, 2, 3, 4]))).to.deep.equal(documents);
        expect(await view.checkpoint()).to.deep.equal(at(4n));
      });

      it('by several writers at once leaves each document at its highest revision', async () => {
        const elsewhere = await (await storage.another()).open(PEOPLE);
        const range = Array.from({ length: 40 }, (_, i) => i + 1);
        await Promise.all(
          [1, 2, 3, 4].map((revision) =>
            (revision % 2 === 0 ? view : elsewhere).write({
              documents: range.map((id) => person(id, revision)),
              from: null,
              to: at(BigInt(revision)),
            }),
          ),
        );
        // Whoever was refused stopped anywhere; what a writer was told is written is there.
        const reached = Number((await view.checkpoint())?.position ?? 0n);
        expect(reached).to.be.at.least(1);
        for (const document of await view.load(range)) expect(document.revision).to.be.at.least(reached);
        expect(await view.load(range)).to.have.lengthOf(range.length);
      });
    });

    describe('a page', () => {
      const write = (documents: ViewDocument[]): Promise<string> =>
        view.write({ documents, from: null, to: at(1n) });
      const found = async (q: string): Promise<number[]> =>
        ids(await view.page({ ...everything, words: searchWords(q) }));

      it('is in the order of the ids, as numbers', async () => {
        await write([10, 9, 2, 100, 1].map((id) => person(id, 0)));
        expect(ids(await view.page(everything))).to.deep.equal([1, 2, 9, 10, 100]);
      });

      it('holds whole documents', async () => {
        await write([person(1, 3)]);
        expect(await view.page(everything)).to.deep.equal([person(1, 3)]);
      });

      it('starts after an id, be it there or not, and ends at the limit', async () => {
        await write([1, 2, 3, 5, 6, 7].map((id) => person(id, 0)));
        expect(ids(await view.page({ after: 3, limit: 2, words: [] }))).to.deep.equal([5, 6]);
        expect(ids(await view.page({ after: 4, limit: 2, words: [] }))).to.deep.equal([5, 6]);
        expect(ids(await view.page({ after: 7, limit: 2, words: [] }))).to.deep.equal([]);
      });

      it('is filled up to the limit past tombstones and documents without the words', async () => {
        await write([
          person(1, 0, 'Ana'),
          tombstone(2, 1),
          person(3, 0, 'Luis'),
          person(4, 0, 'Ana'),
          person(5, 0, 'Ana'),
        ]);
        expect(ids(await view.page({ after: 0, limit: 2, words: ['ana'] }))).to.deep.equal([1, 4]);
      });

      it('walks every document once', async () => {
        await write(Array.from({ length: 25 }, (_, i) => person(i * 3 + 1, 0)));
        const walked: number[] = [];
        for (let after = 0; ; after = walked.at(-1)!) {
          const page = ids(await view.page({ after, limit: 4, words: [] }));
          walked.push(...page);
          if (page.length < 4) break;
        }
        expect(walked).to.deep.equal(Array.from({ length: 25 }, (_, i) => i * 3 + 1));
      });

      it('finds words whatever their case and accents', async () => {
        await write([person(1, 0, 'José García'), person(2, 0, 'JOSE GARCIA'), person(3, 0, 'Iñaki Núñez')]);
        expect(await found('garcia')).to.deep.equal([1, 2]);
        expect(await found('GARCÍA')).to.deep.equal([1, 2]);
        expect(await found('nunez')).to.deep.equal([3]);
        expect(await found('ÑAK')).to.deep.equal([3]);
      });

      it('finds only documents that contain every word, in any order and anywhere in it', async () => {
        await write([person(1, 0, 'Ana Ruiz Soler'), person(2, 0, 'Ana Soler'), person(3, 0, 'Luis Ruiz')]);
        expect(await found('ruiz ana')).to.deep.equal([1]);
        expect(await found('ole na')).to.deep.equal([1, 2]);
        expect(await found('ana pedro')).to.deep.equal([]);
      });

      it('does not search what is in the body only', async () => {
        await write([{ ...person(1, 0, 'Ana'), body: { secret: 'unsearchable' } }]);
        expect(await found('unsearchable')).to.deep.equal([]);
      });

      for (const literal of [
        '%',
        '_',
        '.',
        '*',
        '\\',
        '+',
        '?',
        '^',
        '$',
        '|',
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        '/',
        '-',
        "'",
        '"',
        '#',
        '&',
        '[a-z]',
        '.*',
        'a|b',
        '\\d',
        '^ana',
        'ana$',
        '(?i)ana',
        '$where',
        '--',
        '@',
        '~',
        '😀',
        '名前',
      ]) {
        it(`takes ${literal} as it stands`, async () => {
          await write([
            person(1, 0, 'ana banana 12 abc xyz'),
            person(2, 0, `ana ${literal} ruiz`),
            person(3, 0, `x${literal}y`),
          ]);
          expect(await found(literal)).to.deep.equal([2, 3]);
        });
      }

      it('takes wildcards inside of words as they stand', async () => {
        await write([person(1, 0, 'ana_ruiz@example.com'), person(2, 0, 'anaXruiz@exampleXcom')]);
        expect(await found('a_r')).to.deep.equal([1]);
        expect(await found('e.c')).to.deep.equal([1]);
        expect(await found('a%z')).to.deep.equal([]);
        expect(await found('a.*z')).to.deep.equal([]);
      });
    });

    describe('views', () => {
      it('do not mix: each has its own documents and checkpoint', async () => {
        const users = await storage.readModel.open({ name: 'users', version: 1 });
        await view.write({ documents: [person(1, 0, 'a person')], from: null, to: at(1n) });
        await users.write({ documents: [person(1, 5, 'a user')], from: null, to: at(9n) });
        expect(await view.load([1])).to.deep.equal([person(1, 0, 'a person')]);
        expect(await users.load([1])).to.deep.equal([person(1, 5, 'a user')]);
        expect(await view.checkpoint()).to.deep.equal(at(1n));
        expect(await users.checkpoint()).to.deep.equal(at(9n));
      });

      it('start empty in a new version, and the former version stays as it is', async () => {
        await view.write({ documents: [person(1, 3)], from: null, to: at(4n) });
        const next = await storage.readModel.open({ ...PEOPLE, version: 2 });
        expect(await next.checkpoint()).to.equal(null);
        expect(await next.page(everything)).to.deep.equal([]);
        await next.write({ documents: [person(1, 0, 'anew')], from: null, to: at(1n) });
        expect(await view.load([1])).to.deep.equal([person(1, 3)]);
        expect(await view.checkpoint()).to.deep.equal(at(4n));
      });

      it('do not mix where one name and version could be read as the other', async () => {
        const other = await storage.readModel.open({ name: 'people1', version: 1 });
        const eleven = await storage.readModel.open({ name: 'people', version: 11 });
        await view.write({ documents: [person(1, 0)], from: null, to: at(1n) });
        expect(await other.load([1])).to.deep.equal([]);
        expect(await eleven.load([1])).to.deep.equal([]);
      });

      it('are the same when opened twice, and at the same time', async () => {
        const elsewhere = await storage.another();
        const declaration = { name: 'fresh', version: 1 };
        const [one, two, three] = await Promise.all([
          storage.readModel.open(declaration),
          elsewhere.open(declaration),
          elsewhere.open(declaration),
        ]);
        await one.write({ documents: [person(1, 0)], from: null, to: at(1n) });
        expect(await two.load([1])).to.deep.equal([person(1, 0)]);
        expect(await three.checkpoint()).to.deep.equal(at(1n));
      });

      it('are still there after closing and opening', async () => {
        await view.write({ documents: [person(1, 3), tombstone(2, 1)], from: null, to: at(4n) });
        await storage.readModel.close();
        const again = await (await storage.another()).open(PEOPLE);
        expect(byId(await again.load([1, 2]))).to.deep.equal([person(1, 3), tombstone(2, 1)]);
        expect(await again.checkpoint()).to.deep.equal(at(4n));
        expect(await again.write({ documents: [person(3, 0)], from: at(4n), to: at(5n) })).to.equal(
          'written',
        );
      });
    });

    it('takes big batches: of new documents, of replaced ones, and repeated', async function () {
      this.timeout(60_000);
      const { many = 5_000 } = storage;
      const batch = (revision: number): ViewDocument[] =>
        Array.from({ length: many }, (_, i) => person(i + 1, revision));
      const [first, second] = [at(BigInt(many)), at(BigInt(2 * many))];
      expect(await view.write({ documents: batch(0), from: null, to: first })).to.equal('written');
      expect(ids(await view.load(ids(batch(0))))).to.have.lengthOf(many);
      const next = { documents: batch(1), from: first, to: second };
      expect(await view.write(next)).to.equal('written');
      expect(await view.write(next)).to.equal('refused');
      expect(byId(await view.load(ids(batch(0))))).to.deep.equal(batch(1));
      expect(await view.page({ after: many - 2, limit: 10, words: [] })).to.deep.equal([
        person(many - 1, 1),
        person(many, 1),
      ]);
    });
  });
}

const PEOPLE: ViewDeclaration = { name: 'people', version: 1 };

const everything: PageQuery = { after: 0, limit: 1_000, words: [] };

const at = (position: bigint): Checkpoint => ({
  position,
  event: { position, id: `event-${position.toString()}` },
});

const person = (id: number, revision: number, name = `Person ${id}`): ViewDocument => ({
  id,
  revision,
  body: { id, name, revision },
  search: searchText(name),
});

const tombstone = (id: number, revision: number): ViewDocument => ({ id, revision, body: null, search: '' });

const ids = (documents: readonly ViewDocument[]): number[] => documents.map((document) => document.id);

const byId = (documents: readonly ViewDocument[]): ViewDocument[] =>
  [...documents].sort((a, b) => a.id - b.id);
