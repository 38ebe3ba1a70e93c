import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { openSqlite } from '../../src/platform/sqlite/sqlite.ts';
import { describeEventStoreContract } from './eventStoreContract.ts';

describeEventStoreContract('SQLite', async (codec) => {
  const folder = mkdtempSync(join(tmpdir(), 'padron-events-'));
  const file = join(folder, 'events.db');
  const store = openSqliteEventStore({ file, ...(codec ? { codec } : {}) });
  const rename = (from: string, to: string): void => {
    const other = openSqlite(file, { synchronous: 'FULL' });
    other.exec(`ALTER TABLE file.${from} RENAME TO ${to}`);
    other.close();
  };
  return {
    store,
    interrupted: async (meanwhile) => {
      rename('events', 'hidden');
      await meanwhile();
      rename('hidden', 'events');
    },
    openPlain: async () => openSqliteEventStore({ file }),
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
