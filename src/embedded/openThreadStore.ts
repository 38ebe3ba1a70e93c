import type { EventStore } from '../events/eventStore.ts';
import {
  openSqliteEventStore,
  type SqliteEventStoreOptions,
} from '../events/stores/sqlite/sqliteEventStore.ts';
import { sealedStore } from '../sealing/opening/sealedStore.ts';
import type { EmbeddedFiles } from './workerThread.ts';

/** Opens the embedded event store in a thread, with connections and keys of its own. */
export function openThreadStore(
  { eventsFile, keys }: Pick<EmbeddedFiles, 'eventsFile' | 'keys'>,
  options: Omit<SqliteEventStoreOptions, 'file'>,
): EventStore {
  const store = openSqliteEventStore({ file: eventsFile, ...options });
  return keys ? sealedStore(store, keys) : store;
}
