import { basename } from 'node:path';
import type { EventStore } from '../../src/events/eventStore.ts';
import { commitSignal } from '../../src/events/stores/sqlite/commitNews.ts';
import { maintainViews, type MaintainViews } from '../../src/projections/maintaining/maintainViews.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { viewMaintainerFor, openEventStore, openReadModel } from '../../src/service/stores.ts';
import { Cluster } from './eventstoredb/cluster.ts';
import { StandIn } from './eventstoredb/standIn.ts';

export interface Stores {
  /** Maintains the views as `padron serve` does for this pair: with TEST_VIEWS=thread and embedded stores, in a thread. */
  keep: MaintainViews;
  store: EventStore;
  readModel: ReadModel;
  close(): Promise<void>;
}

/** The pair of stores for the HTTP tests: `sqlite+sqlite` unless TEST_STORES names `eventstoredb+mongodb` or a mixed pair. */
const [events = '', views = ''] = (process.env['TEST_STORES'] ?? 'sqlite+sqlite').split('+');
if (!['sqlite', 'eventstoredb'].includes(events) || !['sqlite', 'mongodb'].includes(views)) {
  throw new Error('TEST_STORES must be sqlite or eventstoredb, +, sqlite or mongodb');
}

/** One server per folder, so that tests share nothing and the same folder opens the same data again. */
const standIns = new Map<string, Promise<StandIn>>();

/** As in development mode: sealed, with a key kept in the folder. TEST_SEALING=off tests logs in clear text. */
const sealing = {
  wanted: process.env['TEST_SEALING'] === 'off' ? ('off' as const) : null,
  masterKey: null,
  previousMasterKey: null,
};

/** Opens the pair of stores; no other code chooses it. The same `dataDir` opens the same data again. */
export async function openStores(dataDir: string): Promise<Stores> {
  const config = {
    dataDir,
    eventStoreUrl: await eventStoreUrlOf(dataDir),
    mongoUrl: databaseOf(dataDir),
    sealing,
  };
  const announce = commitSignal();
  const store = await openEventStore(config, { announce });
  // Imported above: the service's dynamic import would load the classes of errors a second time under tsx.
  const readModel = await (config.mongoUrl === null
    ? openReadModel(config)
    : openMongoReadModel({ url: config.mongoUrl }));
  return {
    keep: process.env['TEST_VIEWS'] === 'thread' ? viewMaintainerFor(config, announce) : maintainViews,
    store,
    readModel,
    async close() {
      await readModel.close();
      await store.close();
    },
  };
}

async function eventStoreUrlOf(dataDir: string): Promise<string | null> {
  if (events === 'sqlite') return null;
  const standIn = standIns.get(dataDir) ?? StandIn.start(new Cluster(), { port: 0, version: '23.10.8' });
  standIns.set(dataDir, standIn);
  return `esdb://127.0.0.1:${(await standIn).front.port}?tls=false`;
}

function databaseOf(dataDir: string): string | null {
  if (views === 'sqlite') return null;
  const url = process.env['TEST_MONGODB_URL'];
  if (!url)
    throw new Error('TEST_STORES with mongodb needs TEST_MONGODB_URL (.ci/mongodb.sh starts a server)');
  const own = new URL(url);
  own.pathname = `/${basename(dataDir)}`;
  return own.href;
}
