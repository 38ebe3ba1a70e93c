import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import type { EventStore } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { eventually } from '../support/eventually.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { amountOf } from '../support/long.ts';
import { describeOnMongo } from '../support/mongodb.ts';
import { startMongoDb, type MongoDbServer } from '../support/mongodbServer.ts';
import { startServer } from '../support/serverProcess.ts';
import { Edits } from './support/edits.ts';

/** A twentieth of CRASH_ROUNDS: a server that starts again takes its time. */
const ROUNDS = Math.ceil(amountOf('CRASH_ROUNDS', { short: 1, long: 20 }) / 20);
/** Generous, because the machine may be busy. */
const MAX_LOAD_MS = 120_000;

/**
 * Kills the database at a random moment of the load, edits on without it, and starts it again. Does not wait for the views:
 * the next kill may meet them catching up, when they write hundreds of rows at once.
 */
async function killUnderLoad(
  database: MongoDbServer,
  url: string,
  round: number,
  edits: Edits,
): Promise<void> {
  let isEnough = false;
  const loading = edits.load(url, round, () => isEnough);
  const killAt = edits.writes.length + 40 + Math.floor(Math.random() * 400);
  await eventually(
    `${killAt} edits have been sent`,
    () => {
      if (edits.failure) throw new Error('an edit got no answer', { cause: edits.failure });
      return edits.writes.length >= killAt;
    },
    MAX_LOAD_MS,
  );
  await database.kill();
  await eventually('padron has given its writes up', () => edits.isListRefused(url));
  await database.start();
  isEnough = true;
  await loading;
  expect(edits.failure).to.equal(null);
}

/** The number of events about users that the history has no row for. */
async function withoutRow(store: EventStore, url: string): Promise<number> {
  const client = new MongoClient(url);
  const rows = new Set<string>();
  for (const collection of await client.db().collections()) {
    if (!/^history_v\d+_g\d+$/.test(collection.collectionName)) continue;
    for await (const { _id } of collection.find({}, { projection: { _id: 1 } })) rows.add(String(_id));
  }
  await client.close();
  const events = await store.readAll(null, 1_000_000);
  return events.filter(({ stream, position }) => stream.startsWith('user-') && !rows.has(String(position)))
    .length;
}

describeOnMongo('A MongoDB that is killed at random moments, under padron at work', () => {
  it(`has lost no row below its checkpoint when it is back, and no edit fails meanwhile (${ROUNDS} rounds)`, async () => {
    const folder = newFolder();
    const data = newFolder();
    const log = await EventStoreDbServer.start();
    const database = await startMongoDb(data);
    const environment = { EVENTSTORE_URL: log.url, MONGODB_URL: `${database.url}padron` };
    const store = await openEventStoreDb({ url: log.url });
    const edits = new Edits();
    await edits.register(store);
    const server = await startServer(folder, environment);

    for (let round = 0; round < ROUNDS; round += 1) await killUnderLoad(database, server.url, round, edits);

    await edits.check(await edits.shown(server.url), store);
    await eventually(
      'the history has a row for every edit',
      async () => (await withoutRow(store, environment.MONGODB_URL)) === 0,
    );
    server.process.kill('SIGTERM');
    await server.ended;
    await store.close();
    await log.close();
    await database.kill();
    removeFolder(data);
    removeFolder(folder);
  }).timeout(120_000 + ROUNDS * 60_000);
});
