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
});
