import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import type { EventStore } from './events/eventStore.ts';
import { openSqliteEventStore } from './events/stores/sqlite/sqliteEventStore.ts';
import type { ReadModel } from './projections/readModel.ts';
import { openSqliteReadModel } from './projections/stores/sqlite/sqliteReadModel.ts';

/** The event store that the configuration selects. */
export async function openEventStore({
  dataDir,
}: Pick<Config, 'dataDir' | 'eventStoreUrl'>): Promise<EventStore> {
  mkdirSync(dataDir, { recursive: true });
  return openSqliteEventStore({ file: join(dataDir, 'events.db') });
}

/** The read model that the configuration selects. */
export async function openReadModel({ dataDir }: Pick<Config, 'dataDir' | 'mongoUrl'>): Promise<ReadModel> {
  return openSqliteReadModel({ folder: join(dataDir, 'views') });
}
