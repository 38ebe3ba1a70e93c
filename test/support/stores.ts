import { basename } from 'node:path';
import type { EventStore } from '../../src/events/eventStore.ts';
import type { ReadModel } from '../../src/projections/readModel.ts';
import { openEventStore, openReadModel } from '../../src/stores.ts';

export interface Stores {
  store: EventStore;
  readModel: ReadModel;
  close(): Promise<void>;
}

/**
 * The pair of stores that the HTTP suite runs on, the one place that chooses it: embedded, or what TEST_EVENTSTORE_URL and
 * TEST_MONGODB_URL name. The same `dataDir` opens the same data again; another one sees nothing of it.
 */
export async function openStores(dataDir: string): Promise<Stores> {
  const eventStoreUrl = process.env['TEST_EVENTSTORE_URL'] ?? null;
  const mongoUrl = databaseOf(process.env['TEST_MONGODB_URL'] ?? null, dataDir);
  const store = await openEventStore({ dataDir, eventStoreUrl });
  const readModel = await openReadModel({ dataDir, mongoUrl });
  return {
    store,
    readModel,
    async close() {
      await readModel.close();
      await store.close();
    },
  };
}

/** A database of its own for each folder: tests share nothing. */
function databaseOf(url: string | null, dataDir: string): string | null {
  if (url === null) return null;
  const own = new URL(url);
  own.pathname = `${own.pathname}-${basename(dataDir)}`;
  return own.href;
}
