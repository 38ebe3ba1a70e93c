import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadModel } from '../../src/projections/readModel.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { describeRowStoreContract } from './rowStoreContract.ts';

describeRowStoreContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'padron-rows-'));
  const opened = new Set<ReadModel>();
  const another = async (): Promise<ReadModel> => {
    const readModel = openSqliteReadModel({ folder });
    opened.add(readModel);
    return closingOnce(readModel, () => opened.delete(readModel));
  };
  return {
    readModel: await another(),
    another,
    close: async () => {
      await Promise.all([...opened].map((readModel) => readModel.close()));
      rmSync(folder, { recursive: true });
    },
  };
});

const closingOnce = (readModel: ReadModel, onClose: () => void): ReadModel => ({
  ...readModel,
  async close() {
    onClose();
    await readModel.close();
  },
});
