import type { KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { CommitNews } from '../events/stores/sqlite/commitNews.ts';
import { openSqliteEventStore } from '../events/stores/sqlite/sqliteEventStore.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';
import { buildInThisThread, type BuildGeneration } from '../projections/rebuild/buildGeneration.ts';
import { buildBySize } from '../embedded/fillThread.ts';
import { maintainViews, type MaintainViews } from '../projections/maintaining/maintainViews.ts';
import type { ProjectionDependencies } from '../projections/folding/projection.ts';
import type { ReadModel } from '../projections/ports/readModel.ts';
import { openSqliteReadModel } from '../projections/stores/sqlite/sqliteReadModel.ts';
import type { EmbeddedFiles } from '../embedded/workerThread.ts';
import { verifyInThread } from '../embedded/verifyThread.ts';
import type { RunVerification } from '../verify/job/verifyJob.ts';
import { maintainViewsInThread } from '../embedded/viewsThread.ts';

/**
 * The event store that the configuration selects. The client of the other one is loaded only when it is used: on a fresh machine
 * padron starts without it, and faster. `bulk`: to be written to a lot, by a process that answers nobody meanwhile. `announce`: where
 * the threads of this process hear of commits to an embedded log. Errors as the adapter tells them.
 */
export async function openEventStore(
  { dataDir, eventStoreUrl }: Pick<Config, 'dataDir' | 'eventStoreUrl'>,
  { logger, bulk = false, announce }: { logger?: Logger; bulk?: boolean; announce?: CommitNews } = {},
): Promise<EventStore> {
  if (eventStoreUrl !== null) {
    const { openEventStoreDb } = await import('../events/stores/eventstoredb/openEventStoreDb.ts');
    return openEventStoreDb({ url: eventStoreUrl, ...(logger ? { logger } : {}) });
  }
  makePrivateFolder(dataDir);
  return openSqliteEventStore({
    file: eventsFileIn(dataDir),
    use: bulk ? 'write in bulk' : 'serve',
    ...(announce ? { announce } : {}),
    ...(logger ? { logger } : {}),
  });
}

/** The read model that the configuration selects. Rejects with ReadModelError while its server is not there. */
export async function openReadModel({
  dataDir,
  mongoUrl,
}: Pick<Config, 'dataDir' | 'mongoUrl'>): Promise<ReadModel> {
  if (mongoUrl !== null) {
    const { openMongoReadModel } = await import('../projections/stores/mongodb/readModel.ts');
    return openMongoReadModel({ url: mongoUrl });
  }
  return openSqliteReadModel({ folder: viewsFolderIn(dataDir) });
}

/** Whether there is an event log to open: an embedded one is made where there is none. A server's is not asked. */
export const isEventLogThere = ({
  dataDir,
  eventStoreUrl,
}: Pick<Config, 'dataDir' | 'eventStoreUrl'>): boolean =>
  eventStoreUrl !== null || existsSync(eventsFileIn(dataDir));

/** The same of the read model. */
export const isReadModelThere = ({ dataDir, mongoUrl }: Pick<Config, 'dataDir' | 'mongoUrl'>): boolean =>
  mongoUrl !== null || existsSync(viewsFolderIn(dataDir));

/** How rebuilds are done over these stores: by a thread of its own where both are embedded. */
export const builderFor = (
  config: StoreConfig,
  stores: ProjectionDependencies & { store: EventStore },
): BuildGeneration =>
  areEmbedded(config) ? buildBySize(filesIn(config), stores) : buildInThisThread(stores);

/** How views are kept over these stores: by a thread of its own where both are embedded. `commits`: where the event store announces. */
export const viewMaintainerFor = (config: StoreConfig, commits: CommitNews): MaintainViews =>
  areEmbedded(config) ? maintainViewsInThread({ ...filesIn(config), commits }) : maintainViews;

/** How verifications are run over these stores: each in a thread of its own where both are embedded; null: in this one. */
export const verifierFor = (config: StoreConfig): ((key: KeyObject) => RunVerification) | null =>
  areEmbedded(config) ? (key) => verifyInThread(filesIn(config), key) : null;

type StoreConfig = Pick<Config, 'dataDir' | 'eventStoreUrl' | 'mongoUrl'>;

const areEmbedded = ({ eventStoreUrl, mongoUrl }: StoreConfig): boolean =>
  eventStoreUrl === null && mongoUrl === null;

const filesIn = ({ dataDir }: StoreConfig): EmbeddedFiles => ({
  eventsFile: eventsFileIn(dataDir),
  viewsFolder: viewsFolderIn(dataDir),
});

const eventsFileIn = (dataDir: string): string => join(dataDir, 'events.db');
const viewsFolderIn = (dataDir: string): string => join(dataDir, 'views');
