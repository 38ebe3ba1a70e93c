import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { EventStore } from './events/eventStore.ts';
import { openSqliteEventStore } from './events/stores/sqlite/sqliteEventStore.ts';
import type { ReadModel } from './projections/readModel.ts';
import { openSqliteReadModel } from './projections/stores/sqlite/sqliteReadModel.ts';

/**
 * The event store that the configuration selects. The client of the other one is loaded only when it is used: on a fresh machine
 * padron starts without it, and faster. `bulk`: to be written to a lot, by a process that answers nobody meanwhile. Errors as the
 * adapter tells them.
 */
export async function openEventStore(
  { dataDir, eventStoreUrl }: Pick<Config, 'dataDir' | 'eventStoreUrl'>,
  { logger, bulk = false }: { logger?: Logger; bulk?: boolean } = {},
): Promise<EventStore> {
  if (eventStoreUrl !== null) {
    const { openEventStoreDb } = await import('./events/stores/eventstoredb/openEventStoreDb.ts');
    return openEventStoreDb({ url: eventStoreUrl, ...(logger ? { logger } : {}) });
  }
  mkdirSync(dataDir, { recursive: true });
  return openSqliteEventStore({ file: join(dataDir, 'events.db'), bulk });
}

/** The read model that the configuration selects. Rejects with ReadModelError while its server is not there. */
export async function openReadModel({
  dataDir,
  mongoUrl,
}: Pick<Config, 'dataDir' | 'mongoUrl'>): Promise<ReadModel> {
  if (mongoUrl !== null) {
    const { openMongoReadModel } = await import('./projections/stores/mongodb/readModel.ts');
    return openMongoReadModel({ url: mongoUrl });
  }
  return openSqliteReadModel({ folder: join(dataDir, 'views') });
}
