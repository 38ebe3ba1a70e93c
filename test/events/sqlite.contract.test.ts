import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { describeEventStoreContract } from './eventStoreContract.ts';

describeEventStoreContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'padron-events-'));
  const store = openSqliteEventStore({ file: join(folder, 'events.db') });
  return {
    store,
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
