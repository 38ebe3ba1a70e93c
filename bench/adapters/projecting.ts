import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { monotonicClock, systemClock } from '../../src/platform/clock.ts';
import { NO_SKIPS } from '../../src/events/bookkeeping/skips.ts';
import type { EventStore, Position } from '../../src/events/eventStore.ts';
import { followLog, type LogFollower } from '../../src/projections/following/followLog.ts';
import { foldBatch } from '../../src/projections/folding/foldBatch.ts';
import { documentProjection } from '../../src/projections/folding/projection.ts';
import type { ViewDocument } from '../../src/projections/ports/documents.ts';
import {
  prepareDocuments,
  toStored,
  type StoredDocument,
} from '../../src/projections/stores/mongodb/documents/documents.ts';
import type { FollowerStatus } from '../../src/projections/record/followerStatus.ts';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { personas } from '../../src/projections/views/personas.ts';
import { changePhone, newPeople, writingTo, type Person } from './people.ts';
import { bareReadAll, inFlight, rateOf, report, ROUNDS, RUN, type Rates, type Setting } from './setting.ts';

const PEOPLE = 200;
const COMMANDS = Number(process.env['BENCH_COMMANDS'] ?? 2_000);
/** The follower's batch size. */
const BATCH = 500;

/** Projecting the log into MongoDB, compared with the slower of reading it and writing the same documents. */
export async function benchProjection(setting: Setting, mongoUrl: string): Promise<void> {
  await setting.reset();
  const { client, store } = setting;
  const writing = writingTo(store);
  const people = await newPeople(writing, PEOPLE);
  for (const one of people) await writing.importer.importRecord(one);
  await inFlight(COMMANDS, 64, (n) => changePhone(writing, people[n % PEOPLE] as Person));

  const batches = await batchesOfDocuments(store);
  const events = await bareReadAll(client);
  const rounds: Rates[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const reading = await rateOf(() => bareReadAll(client));
    const writes = await onDatabase(mongoUrl, (url) => bareBulkWrites(url, batches, events));
    const ours = await onDatabase(mongoUrl, (url) => projection(url, store, events));
    rounds.push({ bare: Math.min(reading, writes), ours });
  }
  const documents = batches.reduce((sum, { length }) => sum + length, 0);
  report(`projecting ${events} events, ${documents} guarded writes to MongoDB`, 'events/s', rounds, 0.7);
}

/** The documents that projecting the log writes, in the same batches. */
async function batchesOfDocuments(store: EventStore): Promise<ViewDocument[][]> {
  const known = new Map<number, ViewDocument>();
  const load = async (ids: readonly number[]): Promise<ViewDocument[]> =>
    ids.flatMap((id) => known.get(id) ?? []);
  const batches: ViewDocument[][] = [];
  for (let after: bigint | null = null; ;) {
    const page = await store.readAll(after, BATCH);
    const last = page.at(-1);
    if (!last) return batches;
    const dependencies = { stored: { load }, store, clock: systemClock, skips: NO_SKIPS };
    const { documents } = await foldBatch(personas, dependencies, page);
    for (const document of documents) known.set(document.id, document);
    batches.push(documents);
    after = last.position;
  }
}

async function onDatabase<T>(mongoUrl: string, use: (url: string) => Promise<T>): Promise<T> {
  const own = new URL(mongoUrl);
  own.pathname = `/padron-bench-${RUN}-${randomUUID().slice(0, 8)}`;
  const mongo = new MongoClient(own.href);
  try {
    return await use(own.href);
  } finally {
    await mongo.db().dropDatabase();
    await mongo.close();
  }
}

/**
 * Times only the writes: the documents as the view stores them, with its indexes and its write concern (journal), one guarded
 * command per batch. Returns events per second, like the projection.
 */
async function bareBulkWrites(
  url: string,
  batches: readonly ViewDocument[][],
  events: number,
): Promise<number> {
  const mongo = new MongoClient(url);
  const collection = mongo.db().collection<StoredDocument>('documents', { writeConcern: { journal: true } });
  await prepareDocuments(collection, personas.lookups);
  const commands = batches
    .filter(({ length }) => length > 0)
    .map((batch) =>
      batch.map((document) => ({
        replaceOne: {
          filter: { _id: document.id, revision: { $lt: document.revision } },
          replacement: toStored(document),
          upsert: true,
        },
      })),
    );
  const rate = await rateOf(async () => {
    for (const command of commands) await collection.bulkWrite(command, { ordered: false });
    return events;
  });
  await mongo.close();
  return rate;
}

async function projection(url: string, store: EventStore, events: number): Promise<number> {
  const readModel = await openMongoReadModel({ url });
  const viewStore = await readModel.open(personas, 1);
  const head = await store.head();
  const shown = readModel.shown(personas);
  const own = documentProjection(personas, { viewStore, store, clock: systemClock, skips: NO_SKIPS, shown });
  const onChange = ({ lastError }: FollowerStatus): void => {
    if (lastError !== null) console.error(lastError);
  };
  let stop: () => Promise<void> = async () => undefined;
  const rate = await rateOf(async () => {
    const follower = followLog({ consumer: own, store, clock: systemClock, timer: monotonicClock, onChange });
    stop = follower.stop;
    await reached(follower, head);
    return events;
  });
  await stop();
  await readModel.close();
  return rate;
}

/** Waits without asking the server: reading the checkpoint every 20 ms would slow down the measured work. */
async function reached({ status }: LogFollower, head: Position | null): Promise<void> {
  while ((status().position ?? -1n) < (head ?? 0n)) await pause(1);
}
