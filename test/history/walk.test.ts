import { expect } from 'chai';
import { createSecretKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readHistoryQuery, type HistoryQuery } from '../../src/history/filters.ts';
import { createHistory, type History, type HistoryScope } from '../../src/history/history.ts';
import { history as view, type HistoryEntry } from '../../src/projections/views/history.ts';
import type { Checkpoint } from '../../src/projections/record/viewDeclaration.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { RowStore } from '../../src/projections/ports/rows.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { recorded, steppingClock } from './support/people.ts';

const EVERYBODY: HistoryScope = { subject: null, name: 'audit' };

describe('Paging through the history', () => {
  let folder: string;
  let readModel: ReadModel;
  let version = 1;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'padron-walk-'));
    readModel = openSqliteReadModel({ folder });
  });

  after(async () => {
    await readModel.close();
    rmSync(folder, { recursive: true });
  });

  /** A history of its own that events are added to as they come: some of them late, by another instance's clock. */
  async function growing(): Promise<{
    history: History;
    rows: RowStore;
    add(seconds: number[]): Promise<void>;
  }> {
    version += 1;
    const rows = await readModel.openRows({ name: 'history', version }, 1);
    let last = 0n;
    let checkpoint: Checkpoint | null = null;
    async function add(seconds: number[]): Promise<void> {
      const added = seconds.map((second, index) => {
        last += 2n;
        const occurredAt = new Date(Date.UTC(2024, 2, 1, 0, 0, second)).toISOString();
        const changes = { cuota: { from: 1, to: index } };
        return view.rowOf(
          recorded(
            { type: 'UserEdited', data: { changes } },
            { position: last, stream: `user-${(second % 3) + 1}`, metadata: { occurredAt } },
          ),
        )!;
      });
      const to: Checkpoint = { position: last, event: { position: last, id: `e-${last}` } };
      await rows.write({ rows: added, from: checkpoint, to });
      checkpoint = to;
    }
    const key = createSecretKey(Buffer.alloc(32, 1));
    return {
      history: createHistory({ rows, key, clock: steppingClock(), maxWaitMs: 0 }),
      rows,
      add,
    };
  }

  it('does not show a view that is not built as empty', async () => {
    const history = createHistory({
      rows: readModel.shownRows({ name: 'history', version: 1_000 }),
      key: createSecretKey(Buffer.alloc(32, 1)),
      clock: steppingClock(),
      maxWaitMs: 0,
    });
    const read = readHistoryQuery({});
    if ('faults' in read) throw new Error('a query without parameters is right');
    for (const walk of [
      () => history.page(read.query, EVERYBODY, null),
      () => history.pages(read.query, EVERYBODY, null).next(),
    ]) {
      const error: unknown = await walk().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(ReadModelError);
    }
  });

  const seconds = (max: number): fc.Arbitrary<number[]> => fc.array(fc.nat({ max: 20 }), { maxLength: max });
  const question = fc.record(
    {
      order: fc.constantFrom('asc', 'desc'),
      limit: fc.constantFrom('1', '2', '3', '7'),
      subject: fc.constantFrom('user-1', 'user-2'),
      field: fc.constant('cuota'),
      from: fc.constantFrom('2024-03-01T00:00:05Z', '2024-03-01T00:00:10Z'),
      to: fc.constantFrom('2024-03-01T00:00:10Z', '2024-03-01T00:00:15Z'),
    },
    { requiredKeys: ['order', 'limit'] },
  );

  it('returns every entry that existed at its start exactly once, in order, while events arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        seconds(25),
        fc.array(seconds(4), { maxLength: 12 }),
        question,
        async (first, arriving, asked) => {
          const { history, add } = await growing();
          await add(first);
          const there = await everything(history, { ...asked, limit: '1000' });
          const walked: HistoryEntry[] = [];
          for (let cursor: string | null = null; ;) {
            const query = queryOf({ ...asked, ...(cursor === null ? {} : { cursor }) });
            const page = await history.page(
              query,
              EVERYBODY,
              cursor === null ? null : history.cursorOf(query, 'audit'),
            );
            walked.push(...page.entries.map((json) => JSON.parse(json) as HistoryEntry));
            cursor = page.next;
            await add(arriving.shift() ?? []);
            if (cursor === null) break;
          }
          expect(positionsOf(walked)).to.deep.equal(positionsOf(there));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('returns the same entries in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(seconds(25), question, async (some, asked) => {
        const { history, add } = await growing();
        await add(some);
        const forwards = await everything(history, { ...asked, order: 'asc' });
        const backwards = await everything(history, { ...asked, order: 'desc' });
        expect(positionsOf(forwards)).to.deep.equal(positionsOf(backwards).reverse());
      }),
      { numRuns: 40 },
    );
  });

  it('matches an export, which includes nothing that arrives meanwhile', async () => {
    const { history, add } = await growing();
    await add(Array.from({ length: 450 }, (_, n) => n % 60));
    const there = await everything(history, { order: 'asc' });
    const exported: HistoryEntry[] = [];
    for await (const entries of history.pages(queryOf({ order: 'asc' }), EVERYBODY, null)) {
      exported.push(...entries.map((json) => JSON.parse(json) as HistoryEntry));
      await add([1, 59]);
    }
    expect(positionsOf(exported)).to.deep.equal(positionsOf(there));
  });

  it('shows no row above the checkpoint, below which others may be missing', async () => {
    const { history, rows, add } = await growing();
    await add([1]);
    const early = view.rowOf(recorded({ type: 'UserRemoved', data: {} }, { position: 99n }))!;
    // A writer that was refused has left its row behind, on a store without transactions.
    const leaky: RowStore = {
      ...rows,
      find: async (query) => {
        expect(query.upTo).to.equal(2n);
        return rows.find(query);
      },
    };
    expect(await rows.write({ rows: [early], from: null, to: { position: 99n, event: null } })).to.equal(
      'refused',
    );
    const key = createSecretKey(Buffer.alloc(32, 1));
    const reading = createHistory({ rows: leaky, key, clock: steppingClock(), maxWaitMs: 0 });
    expect((await reading.page(queryOf({}), EVERYBODY, null)).entries).to.have.lengthOf(1);
    expect(await everything(history, {})).to.have.lengthOf(1);
  });
});

function queryOf(parameters: Record<string, string>): HistoryQuery {
  const read = readHistoryQuery(parameters);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read.query;
}

async function everything(history: History, parameters: Record<string, string>): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for await (const page of history.pages(queryOf(parameters), EVERYBODY, null)) {
    entries.push(...page.map((json) => JSON.parse(json) as HistoryEntry));
  }
  return entries;
}

const positionsOf = (entries: readonly HistoryEntry[]): string[] => entries.map(({ position }) => position);
