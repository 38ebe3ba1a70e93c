import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadModel } from '../../src/projections/readModel.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { describeReadModelContract } from './readModelContract.ts';

describeReadModelContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'padron-views-'));
  const opened: ReadModel[] = [];
  const another = async (): Promise<ReadModel> => {
    const readModel = openSqliteReadModel({ folder });
    opened.push(readModel);
    return readModel;
  };
  return {
    readModel: await another(),
    another,
    close: async () => {
      await Promise.all(opened.map((readModel) => readModel.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
