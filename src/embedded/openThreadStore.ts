import type { EventStore } from '../events/eventStore.ts';
import { writesInBulk } from '../events/stores/sqlite/log/eventLog.ts';
import {
  openSqliteEventStore,
  type SqliteEventStoreOptions,
} from '../events/stores/sqlite/sqliteEventStore.ts';
import { sealedStore } from '../sealing/opening/sealedStore.ts';
import { sealInThread } from './sealing/sealingThread.ts';
import type { EmbeddedFiles } from './threads/workerThread.ts';

/**
 * Opens the embedded event store in a thread, with connections and keys of its own. What is written in
 * bulk is sealed in one more thread if the keys are embedded, too.
 */
export function openThreadStore(
  { eventsFile, keys }: Pick<EmbeddedFiles, 'eventsFile' | 'keys'>,
  options: Omit<SqliteEventStoreOptions, 'file'>,
): EventStore {
  const store = openSqliteEventStore({ file: eventsFile, ...options });
  if (!keys) return store;
  const isBulk = writesInBulk(options.use ?? 'serve') && keys.mongoUrl === null;
  return sealedStore(store, keys, isBulk ? sealInThread : undefined);
}
