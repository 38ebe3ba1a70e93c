import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { CommitNews } from '../events/stores/sqlite/commitNews.ts';
import { openSqliteEventStore } from '../events/stores/sqlite/sqliteEventStore.ts';
import { sealedStore, type KeyPlace } from '../sealing/opening/sealedStore.ts';
import { isThere } from '../platform/files/isThere.ts';
import { makePrivateFolder } from '../platform/files/privateFolder.ts';
import type { BuilderOver } from '../projections/rebuild/buildGeneration.ts';
import { buildBySize, buildInThread, buildTogetherInThread } from '../embedded/buildsThread.ts';
import { importInThread } from '../embedded/importThread.ts';
import { maintainViews, type MaintainViews } from '../projections/maintaining/maintainViews.ts';
import type { ReadModel } from '../projections/ports/readModel.ts';
import { openSqliteReadModel } from '../projections/stores/sqlite/sqliteReadModel.ts';
import type { EmbeddedFiles } from '../embedded/threads/workerThread.ts';
import { createRollThread } from '../embedded/roll/rollThread.ts';
import { sealInThread } from '../embedded/sealing/sealingThread.ts';
import { verifyInThread } from '../embedded/verifyThread.ts';
import { maintainViewsInThread } from '../embedded/viewsThread.ts';
import type { ServiceOptions } from './serviceOptions.ts';

/**
 * The configured event store. The client of the other kind is loaded only if used, so that padron
 * starts without it, and faster. `bulk`: tuned for bulk writes by a process that serves no
 * requests. `announce`: signals commits of an embedded log to this process's threads. Errors as the
 * adapter's.
 */
export async function openEventStore(
  config: Pick<Config, 'dataDir' | 'eventStoreUrl' | 'mongoUrl' | 'sealing'>,
  options: OpenOptions = {},
): Promise<EventStore> {
  const { announce: _, ...others } = options;
  // Threads that follow the log and make its checkpoints only run if the views are embedded, too.
  const wanted = areEmbedded(config) ? options : others;
  const stored = await openStoredEvents(config, wanted);
  // On servers, an import waits for them and not for this process.
  return sealedStore(stored, keysIn(config), wanted.bulk && areEmbedded(config) ? sealInThread : undefined);
}

interface OpenOptions {
  logger?: Logger;
  bulk?: boolean;
  announce?: CommitNews;
}

/** The same without keys: sealed events are returned as stored. */
export async function openStoredEvents(
  { dataDir, eventStoreUrl }: Pick<Config, 'dataDir' | 'eventStoreUrl'>,
  { logger, bulk = false, announce }: OpenOptions = {},
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

/** The configured read model. Rejects with ReadModelError while its server is unreachable. */
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

/** Whether an event log exists: opening an embedded one would create it. A server is not asked. */
export const isEventLogThere = ({
  dataDir,
  eventStoreUrl,
}: Pick<Config, 'dataDir' | 'eventStoreUrl'>): boolean =>
  eventStoreUrl !== null || isThere(eventsFileIn(dataDir));

/** Whether a read model exists; same conditions. */
export const isReadModelThere = ({ dataDir, mongoUrl }: Pick<Config, 'dataDir' | 'mongoUrl'>): boolean =>
  mongoUrl !== null || isThere(viewsFolderIn(dataDir));

/**
 * How a process that serves no requests builds generations over these stores: in separate threads if
 * both are embedded; undefined: in this thread.
 */
export const builderFor = (config: StoreConfig): BuilderOver | undefined =>
  areEmbedded(config) ? (stores) => buildBySize(buildInThread(filesIn(config)), stores) : undefined;

/**
 * How a server maintains views over these stores: in a separate thread if both are embedded;
 * otherwise only generations of long logs are built in one. `commits`: the signal of the event
 * store's commits.
 */
export function viewMaintainerFor(config: StoreConfig, commits: CommitNews): MaintainViews {
  const files = filesIn(config);
  if (areEmbedded(config)) return maintainViewsInThread({ ...files, commits });
  const { eventStoreUrl, mongoUrl } = config;
  const inThread = buildTogetherInThread({ ...files, eventStoreUrl, mongoUrl });
  return (options) => maintainViews({ ...options, fill: (stores) => buildBySize(inThread, stores) });
}

/**
 * How verifications, imports and work on whole rolls run over these stores: in separate threads if
 * the stores that they use are embedded; absent members: in this thread.
 */
export function threadsFor(
  config: StoreConfig & Pick<Config, 'timeZone'>,
): Pick<ServiceOptions, 'verifyWith' | 'importWith' | 'rollWith'> {
  const files = filesIn(config);
  return {
    ...(areEmbedded(config)
      ? { verifyWith: (key) => verifyInThread(files, key), rollWith: () => createRollThread(files) }
      : {}),
    ...(config.eventStoreUrl === null
      ? { importWith: (key) => importInThread(files, { key, timeZone: config.timeZone }) }
      : {}),
  };
}

type StoreConfig = Pick<Config, 'dataDir' | 'eventStoreUrl' | 'mongoUrl' | 'sealing'>;

const keysIn = ({ dataDir, mongoUrl, sealing }: Omit<StoreConfig, 'eventStoreUrl'>): KeyPlace => ({
  dataDir,
  mongoUrl,
  sealing,
});

/** Whether DATA_DIR holds the log, the views, or both. */
export const usesDataDir = ({ eventStoreUrl, mongoUrl }: StoreConfig): boolean =>
  eventStoreUrl === null || mongoUrl === null;

/** Whether threads of this process follow the log. */
const areEmbedded = ({ eventStoreUrl, mongoUrl }: StoreConfig): boolean =>
  eventStoreUrl === null && mongoUrl === null;

const filesIn = (config: StoreConfig): EmbeddedFiles => ({
  eventsFile: eventsFileIn(config.dataDir),
  viewsFolder: viewsFolderIn(config.dataDir),
  keys: keysIn(config),
});

const eventsFileIn = (dataDir: string): string => join(dataDir, 'events.db');
const viewsFolderIn = (dataDir: string): string => join(dataDir, 'views');
