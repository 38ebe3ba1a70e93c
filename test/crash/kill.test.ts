import { AssertionError, expect } from 'chai';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { eventsOf, type EventStore } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createCommandSide } from '../../src/commands/handling/commandSide.ts';
import { settingsKey } from '../../src/events/bookkeeping/settings.ts';
import { applyRecorded, NOTHING_LOADED, type Loaded } from '../../src/domain/aggregate.ts';
import { user } from '../../src/domain/user.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { startCli } from '../support/cli.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { amountOf } from '../support/long.ts';
import { describeOnMongo, testDatabase } from '../support/mongodb.ts';
import { aUser, editBody } from '../support/people.ts';
import { startServer, type ServerProcess } from '../support/serverProcess.ts';
import { SECRET, tokenOf } from '../support/tokens.ts';

/** CRASH_ROUNDS=1000 tries many. A fifth of them on servers. */
const ROUNDS = amountOf('CRASH_ROUNDS', { short: 1, long: 4 });
const SERVER_ROUNDS = Math.ceil(ROUNDS / 5);
const USERS = 8;
const WRITERS = 16;
/** A new one for each request: a long run outlives a token. */
const bearer = (): string => `Bearer ${tokenOf('admin')}`;

interface Write {
  dni: string;
  telefono: string;
  acknowledged: boolean;
}

/** The greatest X-Padron-Position of the answers so far: the list at the end has to show it. */
let position = 0n;

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

const dniOf = (n: number): string => `5000000${n}X`;

async function post(url: string, path: string, body: object, key: string): Promise<Response> {
  const headers = {
    authorization: bearer(),
    'content-type': 'application/json',
    'idempotency-key': key,
  };
  return fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Sends one edit under its key. `busy`: the answer was 503; `gone`: there was none. */
async function send(url: string, write: Write): Promise<'done' | 'busy' | 'gone'> {
  try {
    const { dni, telefono } = write;
    const response = await post(url, '/users/edit', editBody({ dni, telefono }), telefono);
    await response.arrayBuffer();
    const answered = BigInt(response.headers.get('x-padron-position') ?? 0);
    if (answered > position) position = answered;
    if (response.status === 503) return 'busy';
    expect(response.status).to.equal(200);
    write.acknowledged = true;
    return 'done';
  } catch (error) {
    if (error instanceof AssertionError) throw error;
    return 'gone';
  }
}

/** Writes from all sides until the server is gone. */
async function load(url: string, round: number, writes: Write[]): Promise<void> {
  let alive = true;
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let n = 0; alive; n += 1) {
      const write = { dni: dniOf(n % USERS), telefono: `${round}-${writer}-${n}`, acknowledged: false };
      writes.push(write);
      let answer = await send(url, write);
      while (answer === 'busy') answer = await send(url, write);
      alive &&= answer === 'done';
    }
  });
  await Promise.all(writers);
}

/** Lets it work until some writes have been acknowledged, and a random moment longer; then kill -9. */
async function killUnderLoad(
  { url, process: child, ended }: ServerProcess,
  round: number,
  writes: Write[],
): Promise<void> {
  const loading = load(url, round, writes);
  const before = writes.length;
  while (writes.length < before + 40 + Math.random() * 200) await new Promise((next) => setImmediate(next));
  child.kill('SIGKILL');
  await ended;
  await loading;
}

/** Without a server: over HTTP each one would cost a hash of 250 ms. */
async function registerUsers({ openLog }: Storage): Promise<void> {
  const store = await openLog();
  const key = await settingsKey({ store, clock: systemClock }, null);
  const commands = createCommandSide({ store, key, clock: systemClock });
  for (let n = 0; n < USERS; n += 1) await aUser({ commands }, { dni: dniOf(n) });
  await store.close();
}

/** Kills the server under load so many times, and repeats what got no answer after each start, as clients do. */
async function killRounds(storage: Storage, rounds: number, writes: Write[]): Promise<ServerProcess> {
  const start = (): Promise<ServerProcess> => startServer(storage.folder, storage.environment);
  let server = await start();
  for (let round = 0; round < rounds; round += 1) {
    const before = writes.length;
    await killUnderLoad(server, round, writes);
    server = await start();
    for (const write of writes.slice(before).filter(({ acknowledged }) => !acknowledged)) {
      await eventually('a repeat is answered', async () => (await send(server.url, write)) === 'done');
    }
  }
  return server;
}

async function shownUsers(url: string): Promise<UserRecord[]> {
  const listed = await fetch(`${url}/users?limit=1000`, {
    headers: { authorization: bearer(), 'x-padron-position': String(position) },
  });
  return ((await listed.json()) as { users: UserRecord[] }).users;
}

/** Holds what is shown against the streams; returns every telephone number that was stored. */
async function compareWithLog({ openLog }: Storage, shown: readonly UserRecord[]): Promise<string[]> {
  const store = await openLog();
  const stored: string[] = [];
  for (const { IdUsuario, telefono, dni } of shown) {
    let folded: Loaded<UserRecord> = NOTHING_LOADED;
    for await (const event of eventsOf(store, `user-${IdUsuario}`)) {
      folded = applyRecorded(user, folded, event);
      const { changes } = event.data as { changes?: { telefono?: { to: string } } };
      if (changes?.telefono) stored.push(changes.telefono.to);
    }
    expect({ telefono, dni }).to.deep.equal({ telefono: folded.state?.telefono, dni: folded.state?.dni });
  }
  await store.close();
  return stored;
}

function describeKills(open: () => Promise<Storage>, rounds: number): () => void {
  return () => {
    it(`keeps every acknowledged write and applies none twice, and its views equal the events (${rounds} rounds)`, async () => {
      const storage = await open();
      const writes: Write[] = [];
      position = 0n;
      await registerUsers(storage);
      const server = await killRounds(storage, rounds, writes);
      const shown = await shownUsers(server.url);
      server.process.kill('SIGTERM');
      await server.ended;

      expect(shown).to.have.lengthOf(USERS);
      const stored = await compareWithLog(storage, shown);
      expect(stored.sort()).to.deep.equal(writes.map(({ telefono }) => telefono).sort());
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
