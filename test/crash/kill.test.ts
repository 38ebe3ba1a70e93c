import { expect } from 'chai';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { startCli } from '../support/cli.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { amountOf } from '../support/long.ts';
import { describeOnMongo, testDatabase } from '../support/mongodb.ts';
import { startServer, type ServerProcess } from '../support/serverProcess.ts';
import { SECRET } from '../support/tokens.ts';
import { Edits } from './support/edits.ts';

/** CRASH_ROUNDS=1000 tries many. A fifth of them on servers. */
const ROUNDS = amountOf('CRASH_ROUNDS', { short: 1, long: 4 });
const SERVER_ROUNDS = Math.ceil(ROUNDS / 5);

/** Where one run keeps its data. */
interface Storage {
  folder: string;
  /** What padron is started with. */
  environment: Record<string, string>;
  openLog(): Promise<EventStore>;
  remove(): Promise<void>;
}

async function embedded(): Promise<Storage> {
  const folder = newFolder();
  return {
    folder,
    environment: {},
    openLog: async () => openSqliteEventStore({ file: join(folder, 'events.db') }),
    remove: async () => {
      removeFolder(folder);
    },
  };
}

async function onServers(): Promise<Storage> {
  const folder = newFolder();
  const server = await EventStoreDbServer.start();
  const database = testDatabase();
  return {
    folder,
    environment: { EVENTSTORE_URL: server.url, MONGODB_URL: database.url },
    openLog: () => openEventStoreDb({ url: server.url }),
    remove: async () => {
      await server.close();
      await database.drop();
      removeFolder(folder);
    },
  };
}

/** Lets it work until some edits have been sent, and a random moment longer; then kill -9. */
async function killUnderLoad(
  { url, process: child, ended }: ServerProcess,
  round: number,
  edits: Edits,
): Promise<void> {
  const loading = edits.load(url, round);
  const before = edits.writes.length;
  while (edits.writes.length < before + 40 + Math.random() * 200) {
    await new Promise((next) => setImmediate(next));
  }
  child.kill('SIGKILL');
  await ended;
  await loading;
}

/** Kills the server under load so many times, and repeats what got no answer after each start. */
async function killRounds(storage: Storage, rounds: number, edits: Edits): Promise<ServerProcess> {
  const start = (): Promise<ServerProcess> => startServer(storage.folder, storage.environment);
  let server = await start();
  for (let round = 0; round < rounds; round += 1) {
    const before = edits.writes.length;
    await killUnderLoad(server, round, edits);
    server = await start();
    await edits.repeat(server.url, before);
  }
  return server;
}

async function withLog<T>({ openLog }: Storage, use: (store: EventStore) => Promise<T>): Promise<T> {
  const store = await openLog();
  return use(store).finally(() => store.close());
}

function describeKills(open: () => Promise<Storage>, rounds: number): () => void {
  return () => {
    it(`keeps every acknowledged write and applies none twice, and its views equal the events (${rounds} rounds)`, async () => {
      const storage = await open();
      const edits = new Edits();
      await withLog(storage, (store) => edits.register(store));
      const server = await killRounds(storage, rounds, edits);
      const shown = await edits.shown(server.url);
      server.process.kill('SIGTERM');
      await server.ended;

      await withLog(storage, (store) => edits.check(shown, store));
      const { environment, folder } = storage;
      const verified = await startCli(['verify'], { DATA_DIR: folder, JWT_SECRET: SECRET, ...environment })
        .ended;
      expect(verified, verified.stdout + verified.stderr).to.include({ code: 0 });
      await storage.remove();
    }).timeout(60_000 + rounds * 15_000);
  };
}

describe('A server on embedded stores that is killed at random moments', describeKills(embedded, ROUNDS));
describeOnMongo(
  'A server on EventStoreDB and MongoDB that is killed at random moments',
  describeKills(onServers, SERVER_ROUNDS),
);
