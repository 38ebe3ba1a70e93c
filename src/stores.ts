import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { EventStore } from './events/eventStore.ts';
import { openSqliteEventStore } from './events/stores/sqlite/sqliteEventStore.ts';
import { fillHere, type Fill } from './projections/fill.ts';
import { fillInThread } from './projections/fillThread.ts';
import type { ProjectionDependencies } from './projections/projection.ts';
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
  return openSqliteEventStore({ file: eventsFileIn(dataDir), use: bulk ? 'write in bulk' : 'serve' });
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
  return openSqliteReadModel({ folder: viewsFolderIn(dataDir) });
}

/** Events that are folded and written in less time than a thread takes to start. */
const SHORT_LOG = 5_000;

/** How rebuilds are done over these stores: in a thread of its own where both are embedded, unless there is little to do. */
export function fillOf(
  { dataDir, eventStoreUrl, mongoUrl }: Pick<Config, 'dataDir' | 'eventStoreUrl' | 'mongoUrl'>,
  stores: ProjectionDependencies & { store: EventStore },
): Fill {
  const here = fillHere(stores);
  if (eventStoreUrl !== null || mongoUrl !== null) return here;
  const inThread = fillInThread({ eventsFile: eventsFileIn(dataDir), viewsFolder: viewsFolderIn(dataDir) });
  return async (task) => {
    const events = await stores.store.countAfter(null);
    await (events !== null && events <= SHORT_LOG ? here : inThread)(task);
  };
}

const eventsFileIn = (dataDir: string): string => join(dataDir, 'events.db');
const viewsFolderIn = (dataDir: string): string => join(dataDir, 'views');
