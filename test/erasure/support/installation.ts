import { randomBytes } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { MongoClient, type Document } from 'mongodb';
import { keysUrlOf } from '../../../src/sealing/opening/sealedStore.ts';
import { runCli, type CliRun } from '../../support/cli.ts';
import { EventStoreDbServer } from '../../support/eventStoreDbServer.ts';
import { newFolder, removeFolder } from '../../support/folder.ts';
import type { MemberLine } from '../../support/memberList.ts';
import { testDatabase } from '../../support/mongodb.ts';
import { SECRET } from '../../support/tokens.ts';

/** A sealed padron on one pair of stores, as an operator has it: commands, backups, and servers that a test starts itself. */
export interface Installation {
  /** Where the stores are: a command or server started with it is on them. */
  environment(): Record<string, string>;
  run(args: readonly string[], input?: string): Promise<CliRun>;
  /** Imports these users. */
  importUsers(members: readonly MemberLine[]): Promise<void>;
  /** Keeps log and keys as they are now. No process may have the stores open. */
  backUp(): Promise<void>;
  /** Puts back the key store that was kept. */
  restoreKeys(): Promise<void>;
  /** Puts back the log that was kept; the views stay as they are. */
  restoreLog(): Promise<void>;
  remove(): Promise<void>;
}

type Storage = Omit<Installation, 'environment' | 'run' | 'importUsers'> & {
  stores(): Record<string, string>;
};

function installed(storage: Storage): Installation {
  const MASTER_KEY = randomBytes(32).toString('base64');
  const environment = (): Record<string, string> => ({
    JWT_SECRET: SECRET,
    SEALING: 'on',
    MASTER_KEY,
    ...storage.stores(),
  });
  const run: Installation['run'] = (args, input = '') => runCli(args, environment(), input);
  return {
    ...storage,
    environment,
    run,
    async importUsers(members) {
      const lines = members.map((one) => `${JSON.stringify(one)}\n`).join('');
      const imported = await run(['import', '-', '--kind', 'users'], lines);
      expect(imported, imported.stderr).to.include({ code: 0 });
    },
  };
}

const LOG = ['events.db', 'events.db-wal', 'events.db-shm'];
const KEYS = ['keys.db', 'keys.db-wal', 'keys.db-shm'];

export async function embedded(): Promise<Installation> {
  const folder = newFolder();
  const [DATA_DIR, backup] = [join(folder, 'data'), join(folder, 'backup')];
  const restore = (names: readonly string[]): void => {
    for (const name of names) rmSync(join(DATA_DIR, name), { force: true });
    cpSync(backup, DATA_DIR, { recursive: true, filter: (from) => from === backup || isOf(names, from) });
  };
  const isOf = (names: readonly string[], path: string): boolean =>
    names.some((name) => path === join(backup, name));
  return installed({
    stores: () => ({ DATA_DIR }),
    backUp: async () => {
      cpSync(DATA_DIR, backup, { recursive: true });
    },
    restoreKeys: async () => {
      restore(KEYS);
    },
    restoreLog: async () => {
      restore(LOG);
    },
    remove: async () => {
      removeFolder(folder);
    },
  });
}

/** On the stand-in for EventStoreDB, and MongoDB. */
export async function onServers(): Promise<Installation> {
  const folder = newFolder();
  const servers = [await EventStoreDbServer.start()];
  const database = testDatabase();
  let EVENTSTORE_URL = servers[0]!.url;
  let keys: Document[] = [];
  const stores = (): Record<string, string> => ({
    EVENTSTORE_URL,
    MONGODB_URL: database.url,
    DATA_DIR: folder,
  });
  async function withKeys<T>(work: (client: MongoClient) => Promise<T>): Promise<T> {
    const client = new MongoClient(keysUrlOf(database.url));
    return work(client).finally(() => client.close());
  }
  const copyOfLog = async (): Promise<EventStoreDbServer> => {
    const server = await EventStoreDbServer.start();
    servers.push(server);
    const copied = await runCli(['copy', '--to', server.url], { EVENTSTORE_URL });
    expect(copied, copied.stderr).to.include({ code: 0 });
    return server;
  };
  let backup: EventStoreDbServer | null = null;
  return installed({
    stores,
    async backUp() {
      backup = await copyOfLog();
      keys = await withKeys((client) => client.db().collection('subject_keys').find().toArray());
    },
    restoreKeys: () =>
      withKeys(async (client) => {
        const collection = client.db().collection('subject_keys');
        await collection.deleteMany({});
        await collection.insertMany(keys);
      }),
    async restoreLog() {
      EVENTSTORE_URL = backup!.url;
    },
    async remove() {
      await withKeys((client) => client.db().dropDatabase());
      await database.drop();
      await Promise.all(servers.map((server) => server.close()));
      removeFolder(folder);
    },
  });
}
