import { expect } from 'chai';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { eventsOf } from '../../src/events/eventStore.ts';
import { systemClock } from '../../src/clock.ts';
import { createCommandSide } from '../../src/commands/commandSide.ts';
import { settingsKey } from '../../src/events/settings.ts';
import { advance, NOTHING_LOADED, type Loaded } from '../../src/commands/aggregate.ts';
import { user } from '../../src/commands/user.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { aUser, editBody } from '../support/people.ts';
import { startServer, type ServerProcess } from '../support/serverProcess.ts';
import { tokenOf } from '../support/tokens.ts';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 4);
const USERS = 8;
const WRITERS = 16;
const token = tokenOf('admin');

interface Write {
  dni: string;
  telefono: string;
  acknowledged: boolean;
}

/** The greatest X-Padron-Position of the answers so far: the list at the end has to show it. */
let position = 0n;

const dniOf = (n: number): string => `5000000${n}X`;

async function post(url: string, path: string, body: object, key: string): Promise<Response> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'idempotency-key': key,
  };
  return fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Sends one edit under a key of its own; false when no answer came. */
async function send(url: string, write: Write): Promise<boolean> {
  try {
    const { dni, telefono } = write;
    const response = await post(url, '/users/edit', editBody({ dni, telefono }), telefono);
    await response.arrayBuffer();
    const answered = BigInt(response.headers.get('x-padron-position') ?? 0);
    if (answered > position) position = answered;
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Writes from all sides until the server is gone. */
async function load(url: string, round: number, writes: Write[]): Promise<void> {
  let alive = true;
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let n = 0; alive; n += 1) {
      const write = { dni: dniOf(n % USERS), telefono: `${round}-${writer}-${n}`, acknowledged: false };
      writes.push(write);
      write.acknowledged = await send(url, write);
      alive &&= write.acknowledged;
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
async function registerUsers(folder: string): Promise<void> {
  const store = openSqliteEventStore({ file: join(folder, 'events.db') });
  const key = await settingsKey({ store, clock: systemClock }, null);
  const commands = createCommandSide({ store, key, clock: systemClock });
  for (let n = 0; n < USERS; n += 1) await aUser({ commands }, { dni: dniOf(n) });
  await store.close();
}

describe('a server that is killed at random moments', function () {
  this.timeout(20_000 + ROUNDS * 15_000);

  it(`keeps every acknowledged write and applies none twice, and its views equal the events (${ROUNDS} rounds)`, async () => {
    const folder = newFolder();
    const writes: Write[] = [];
    await registerUsers(folder);
    let server = await startServer(folder);
    for (let round = 0; round < ROUNDS; round += 1) {
      await killUnderLoad(server, round, writes);
      server = await startServer(folder);
      // A client that got no answer repeats its request with the same key.
      for (const write of writes.filter(({ acknowledged }) => !acknowledged)) {
        write.acknowledged = await send(server.url, write);
        expect(write.acknowledged).to.equal(true);
      }
    }
    const listed = await fetch(`${server.url}/users?limit=1000`, {
      headers: { authorization: `Bearer ${token}`, 'x-padron-position': String(position) },
    });
    const shown = ((await listed.json()) as { users: UserRecord[] }).users;
    server.process.kill('SIGTERM');
    await server.ended;

    const store = openSqliteEventStore({ file: join(folder, 'events.db') });
    const stored: string[] = [];
    for (const { IdUsuario, telefono, dni } of shown) {
      let folded: Loaded<UserRecord> = NOTHING_LOADED;
      for await (const event of eventsOf(store, `user-${IdUsuario}`)) {
        folded = advance(user, folded, event);
        const { changes } = event.data as { changes?: { telefono?: { to: string } } };
        if (changes?.telefono) stored.push(changes.telefono.to);
      }
      expect({ telefono, dni }).to.deep.equal({ telefono: folded.state?.telefono, dni: folded.state?.dni });
    }
    expect(shown).to.have.lengthOf(USERS);
    expect(stored.sort()).to.deep.equal(writes.map(({ telefono }) => telefono).sort());
    await store.close();
    removeFolder(folder);
  });
});
