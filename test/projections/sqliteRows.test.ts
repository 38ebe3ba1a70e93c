import { expect } from 'chai';
import { join } from 'node:path';
import { openSqlite } from '../../src/platform/sqlite/sqlite.ts';
import { openRowGeneration } from '../../src/projections/stores/sqlite/rows/rowGeneration.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { readModelInFolder } from '../support/readModels.ts';
import { at } from './contract/examples.ts';
import { row } from './contract/rowExamples.ts';
import { describeRowStoreContract } from './rowStoreContract.ts';

describeRowStoreContract('SQLite', readModelInFolder);

describe('Rare keys of rows on SQLite during a build', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  it('go to the index at once if they come in order, else into runs that are merged at the end', async () => {
    const file = join(folder, 'rows.db');
    const inRuns = (): string[] => {
      const db = openSqlite(file, { synchronous: 'NORMAL' });
      const keys = db.prepare("SELECT key FROM runs WHERE key <> '' ORDER BY key").all() as { key: string }[];
      db.close();
      return keys.map(({ key }) => key);
    };
    const fill = async (from: bigint | null, ids: readonly string[]): Promise<void> => {
      const rows = openRowGeneration(file, () => undefined);
      const first = from ?? 0n;
      const filled = ids.map((id, n) => row(first + BigInt(n + 1), n, [`id:${id}`, `other:${id}`]));
      await rows.fill({
        rows: filled,
        from: from === null ? null : at(from),
        to: at(first + BigInt(ids.length)),
      });
      rows.close();
    };
    await fill(null, ['b2', 'b1', 'b3']);
    expect(inRuns()).to.deep.equal([]);
    await fill(3n, ['b4', 'a1', 'c1']);
    expect(inRuns()).to.deep.equal(['id:a1', 'other:a1']);
    await fill(6n, ['b9', 'c2']);
    expect(inRuns()).to.deep.equal(['id:a1', 'id:b9', 'other:a1', 'other:b9']);
  });

  it('are all found after a merge that was ended early, and during which another process filled in more', async () => {
    const file = join(folder, 'rows.db');
    const idOf = (n: number): string => `id:${String(n).padStart(6, '0')}`;
    const MANY = 45_000;
    // In falling order, so that all but the first go into runs.
    const many = Array.from({ length: MANY }, (_, n) => row(BigInt(n + 1), n, [idOf(MANY - n)]));
    const more = Array.from({ length: 10 }, (_, n) => row(BigInt(MANY + n + 1), 0, [`${idOf(n + 1)}-more`]));
    const [one, other] = [openRowGeneration(file, () => undefined), openRowGeneration(file, () => undefined)];
    for (let from = 0; from < MANY; from += 9_000)
      await one.fill({
        rows: many.slice(from, from + 9_000),
        from: from === 0 ? null : at(BigInt(from)),
        to: at(BigInt(from + 9_000)),
      });

    const ending = new AbortController();
    const shares: number[] = [];
    const seal = (onProgress: () => void): Promise<void> =>
      one.seal({
        signal: ending.signal.aborted ? undefined : ending.signal,
        onProgress: (share) => {
          shares.push(share);
          onProgress();
        },
      });
    await seal(() => {
      ending.abort();
    });
    expect(shares).to.have.length(1);
    const filling: Promise<string>[] = [];
    await seal(() => {
      const [from, to] = [at(BigInt(MANY)), at(BigInt(MANY + more.length))];
      if (filling.length === 0) filling.push(other.fill({ rows: more, from, to }));
    });
    expect(await Promise.all(filling)).to.deep.equal(['written']);
    expect(shares.length).to.be.at.least(3);
    await other.seal();
    expect(await other.misplaced([...many, ...more])).to.deep.equal([]);
    expect(await other.countEntries(BigInt(2 * MANY))).to.equal(MANY + more.length);
    one.close();
    other.close();
  });
});
