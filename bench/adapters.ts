import { createSecretKey, randomUUID } from 'node:crypto';
import { EventStoreDBClient, NO_STREAM, START, jsonEvent, streamNameFilter } from '@eventstore/db-client';
import { MongoClient } from 'mongodb';
import { systemClock } from '../src/platform/clock.ts';
import type { Request } from '../src/commands/command.ts';
import { createCommandSide } from '../src/commands/handling/commandSide.ts';
import { createImporter } from '../src/commands/handling/importer.ts';
import { updatePersonaProfile } from '../src/commands/updatePersonaProfile.ts';
import { NO_REVISION, type EventStore } from '../src/events/eventStore.ts';
import { openEventStoreDb } from '../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { OWN_PREFIXES } from '../src/events/streams.ts';
import { waitUntilCaughtUp } from '../src/projections/following/waitUntilCaughtUp.ts';
import { personas } from '../src/projections/views/personas.ts';
import { foldBatch } from '../src/projections/folding/foldBatch.ts';
import { documentProjection } from '../src/projections/folding/projection.ts';
import type { ReadModel } from '../src/projections/ports/readModel.ts';
import type { ViewDocument } from '../src/projections/ports/documents.ts';
import { NO_SKIPS } from '../src/events/bookkeeping/skips.ts';
import { followLog } from '../src/projections/following/followLog.ts';
import { openMongoReadModel } from '../src/projections/stores/mongodb/readModel.ts';
import { event } from '../test/events/contract/steps.ts';
import { EventStoreDbServer } from '../test/support/eventStoreDbServer.ts';

// Each adapter against the bare client or driver that does the same work, in turn, in one run (docs/benchmarks-adapters.md):
//   MONGODB_URL=$(bash .ci/mongodb.sh) npx tsx bench/adapters.ts
// EVENTSTORE_URL=esdb://… measures on that server instead of the stand-in. It is left with the bench's events.

const PEOPLE = 200;
const COMMANDS = Number(process.env['BENCH_COMMANDS'] ?? 2_000);
const IN_FLIGHT = 64;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** As the runner's. */
const BATCH = 500;

const mongoUrl = process.env['MONGODB_URL'] ?? '';
if (mongoUrl === '') throw new Error('MONGODB_URL is missing: MONGODB_URL=$(bash .ci/mongodb.sh)');
const standIn = process.env['EVENTSTORE_URL'] === undefined ? await EventStoreDbServer.start() : null;
const url = standIn?.url ?? process.env['EVENTSTORE_URL'] ?? '';
const client = EventStoreDBClient.connectionString(url);
const store = await openEventStoreDb({ url });
// Digits only: part of the names of padron's streams.
const run = String(Date.now());

type Work = () => Promise<number>;

/** Runs both in turn and prints the medians of their rates and of the rounds' ratios; `work` answers how much it did. */
async function compare(title: string, unit: string, bare: Work, ours: Work): Promise<number> {
  const rounds: { bare: number; ours: number }[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const rates = { bare: await rateOf(bare), ours: await rateOf(ours) };
    if (round >= 0) rounds.push(rates); // the first one warms up
  }
  const of = (pick: (one: { bare: number; ours: number }) => number): number => median(rounds.map(pick));
  const rate = (n: number): string => String(Math.round(n)).padStart(8);
  console.log(
    `${title.padEnd(58)} ${rate(of((one) => one.bare))} ${rate(of((one) => one.ours))} ${unit}  ratio ${of(
      (one) => one.ours / one.bare,
    ).toFixed(2)}`,
  );
  return of((one) => one.bare);
}

async function rateOf(work: Work): Promise<number> {
  const start = performance.now();
  const done = await work();
  return (done / (performance.now() - start)) * 1_000;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

/** Calls `one` with 0, 1, … so many times, so many of them under way. */
async function inFlight(total: number, one: (n: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (next < total) await one(next++);
    }),
  );
  return total;
}

let streams = 0;
const freshStream = (): string => `persona-${run}${(streams += 1)}`;
const data = { changes: { telefono: { from: '600000000', to: '600000001' } } };

const bareAppend = (): Promise<unknown> =>
  client.appendToStream(
    freshStream(),
    jsonEvent({ id: randomUUID(), type: 'Measured', data, metadata: { ...event('Measured').metadata } }),
    { expectedRevision: NO_STREAM },
  );

/** The people that the commands change; the write side remembers them, as it does in service. */
async function commandsOf(eventStore: EventStore): Promise<(n: number) => Promise<unknown>> {
  const key = createSecretKey(Buffer.from('the key of the benches'));
  const commands = createCommandSide({ store: eventStore, key, clock: systemClock });
  const importer = createImporter({ store: eventStore, key, clock: systemClock, commands });
  const first = (await commands.sequence.next('persona')) + 1;
  await importer.reserveIds('persona', first + PEOPLE);
  for (let n = 0; n < PEOPLE; n += 1) {
    const record = {
      id: first + n,
      nombres: 'María',
      apellidos: 'García López',
      telefono: '600000000',
      dni: `${run}-${n}`,
      foto_url: null,
      cuenta: `${run}-${n}`,
      created_at: '2024-03-01T08:00:00.000Z',
    };
    await importer.importRecord({ kind: 'persona', record });
  }
  let phone = 600_000_001;
  return async (n) => {
    const request: Request = {
      actor: { account: `${run}-${n % PEOPLE}`, role: 'asistente' },
      requestId: 'bench',
      correlationId: 'bench',
      ifMatch: null,
      key: null,
    };
    const outcome = await commands.handle(updatePersonaProfile, { telefono: String((phone += 1)) }, request);
    if (outcome.outcome !== 'done') throw new Error(outcome.rejection.code);
  };
}

async function bareReadAll(): Promise<number> {
  let events = 0;
  const subscription = client.subscribeToAll({
    fromPosition: START,
    filter: streamNameFilter({ prefixes: [...OWN_PREFIXES] }),
  });
  const caughtUp = new Promise<void>((resolve) => {
    subscription.on('caughtUp', resolve);
  });
  subscription.on('data', () => {
    events += 1;
  });
  await caughtUp;
  await subscription.unsubscribe();
  return events;
}

async function adapterReadAll(): Promise<number> {
  let events = 0;
  const stop = new AbortController();
  for await (const batch of store.subscribe({
    after: null,
    prefixes: OWN_PREFIXES,
    limit: BATCH,
    signal: stop.signal,
  })) {
    events += batch.events.length;
    if (batch.caughtUp) break;
  }
  stop.abort();
  return events;
}

/** The documents that projecting the log writes, in the batches that it writes them in. */
async function batchesOfDocuments(): Promise<ViewDocument[][]> {
  const known = new Map<number, ViewDocument>();
  const load = async (ids: readonly number[]): Promise<ViewDocument[]> =>
    ids.flatMap((id) => known.get(id) ?? []);
  const batches: ViewDocument[][] = [];
  for (let after: bigint | null = null; ;) {
    const page = await store.readAll(after, BATCH);
    const last = page.at(-1);
    if (!last) return batches;
    const { documents } = await foldBatch(
      personas,
      { stored: { load }, store, clock: systemClock, skips: NO_SKIPS },
      page,
    );
    for (const document of documents) known.set(document.id, document);
    batches.push(documents);
    after = last.position;
  }
}

const databaseUrl = (name: string): string => {
  const own = new URL(mongoUrl);
  own.pathname = `/padron-bench-${run}-${name}`;
  return own.href;
};

async function onDatabase<T>(use: (name: string) => Promise<T>): Promise<T> {
  const name = randomUUID().slice(0, 8);
  const mongo = new MongoClient(databaseUrl(name));
  try {
    return await use(name);
  } finally {
    await mongo.db().dropDatabase();
    await mongo.close();
  }
}

/** Times the writes alone: a rate in events a second, as that of the projection. */
async function bareBulkWrites(batches: readonly ViewDocument[][], events: number): Promise<number> {
  return onDatabase(async (name) => {
    const mongo = new MongoClient(databaseUrl(name));
    const collection = mongo.db().collection<{ _id: number; revision: number }>('documents');
    await collection.insertOne({ _id: -1, revision: 0 });
    const start = performance.now();
    for (const batch of batches.filter(({ length }) => length > 0)) {
      await collection.bulkWrite(
        batch.map(({ id, ...rest }) => ({
          replaceOne: {
            filter: { _id: id, revision: { $lt: rest.revision } },
            replacement: rest,
            upsert: true,
          },
        })),
        { ordered: false },
      );
    }
    const rate = (events / (performance.now() - start)) * 1_000;
    await mongo.close();
    return rate;
  });
}

async function projection(events: number): Promise<number> {
  return onDatabase(async (name) => {
    const readModel: ReadModel = await openMongoReadModel({ url: databaseUrl(name) });
    const viewStore = await readModel.open(personas, 1);
    const head = await store.head();
    const start = performance.now();
    const runner = followLog({
      consumer: documentProjection(personas, {
        viewStore,
        store,
        clock: systemClock,
        skips: NO_SKIPS,
        shown: readModel.shown(personas),
      }),
      store,
      clock: systemClock,
      onChange: ({ lastError }) => {
        if (lastError !== null) console.error(lastError);
      },
    });
    await waitUntilCaughtUp(viewStore, head, systemClock, new AbortController().signal);
    const rate = (events / (performance.now() - start)) * 1_000;
    await runner.stop();
    await readModel.close();
    return rate;
  });
}

console.log(`${IN_FLIGHT} in flight, median of ${ROUNDS} rounds, bare and adapter in turn`);
console.log(`${''.padEnd(58)} ${'bare'.padStart(8)} ${'padron'.padStart(8)}`);
await compare(
  'append, one event to a stream of its own',
  'appends/s',
  () => inFlight(COMMANDS, bareAppend),
  () =>
    inFlight(COMMANDS, () =>
      store.append([{ stream: freshStream(), expected: NO_REVISION, events: [event('Measured', data)] }]),
    ),
);
const command = await commandsOf(store);
await compare(
  'one-event commands against bare appends',
  'commands/s',
  () => inFlight(COMMANDS, bareAppend),
  () => inFlight(COMMANDS, command),
);
await standIn?.reset();
const changes = await commandsOf(store);
await inFlight(COMMANDS, changes);
const reading = await compare(
  'reading all of the log by a subscription',
  'events/s',
  bareReadAll,
  adapterReadAll,
);

const batches = await batchesOfDocuments();
const events = (await store.readAll(null, 1_000_000)).length;
const rounds: { bare: number; ours: number }[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  rounds.push({ bare: await bareBulkWrites(batches, events), ours: await projection(events) });
}
const writing = median(rounds.map(({ bare }) => bare));
const projecting = median(rounds.map(({ ours }) => ours));
const documents = batches.reduce((sum, { length }) => sum + length, 0);
console.log(
  `projecting ${events} events into MongoDB, ${documents} guarded writes: bare writes ${Math.round(writing)}, ` +
    `projection ${Math.round(projecting)} events/s  ratio to the slower of reading and writing ${(
      projecting / Math.min(reading, writing)
    ).toFixed(2)}`,
);
await store.close();
await client.dispose();
await standIn?.close();
