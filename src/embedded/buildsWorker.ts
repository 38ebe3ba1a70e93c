import { parentPort, workerData } from 'node:worker_threads';
import type { EventStore } from '../events/eventStore.ts';
import { systemClock } from '../platform/clock.ts';
import { reasonOf } from '../platform/padronError.ts';
import { isUnreachable } from '../platform/storeError.ts';
import { atMostEvery } from '../platform/concurrency/atMostEvery.ts';
import { shareReadings } from '../projections/following/shareReadings.ts';
import { buildInThisThread, type BuildGeneration } from '../projections/rebuild/buildGeneration.ts';
import type { ReadModel } from '../projections/ports/readModel.ts';
import { ReadModelError } from '../projections/record/readModelError.ts';
import { openSqliteReadModel } from '../projections/stores/sqlite/sqliteReadModel.ts';
import { projectedViews, viewDeclaredAs } from '../projections/views/allViews.ts';
import { sealedStore } from '../sealing/opening/sealedStore.ts';
import type { BuildOrder, BuildReport, StorePlaces } from './buildsThread.ts';
import { openThreadStore } from './openThreadStore.ts';
import type { Numbered } from './threads/answeringThread.ts';
import { failureOf } from './threads/threadFailure.ts';

/** The thread of buildsThread.ts: builds generations over its own connections until it is stopped. */

const REPORT_MS = 100;

const places = workerData as StorePlaces;
const send = (report: Numbered<BuildReport>): void => parentPort?.postMessage(report);
const leaving = new Map<number, AbortController>();

interface Opened {
  build: BuildGeneration;
  close(): Promise<void>;
}

async function openEvents(): Promise<EventStore> {
  const { eventStoreUrl, keys } = places;
  if (eventStoreUrl === null) return openThreadStore(places, { use: 'read through' });
  const { openEventStoreDb } = await import('../events/stores/eventstoredb/openEventStoreDb.ts');
  const store = await openEventStoreDb({ url: eventStoreUrl });
  return keys ? sealedStore(store, keys) : store;
}

async function openViews(): Promise<ReadModel> {
  const { mongoUrl, viewsFolder } = places;
  if (mongoUrl === null) return openSqliteReadModel({ folder: viewsFolder });
  const { openMongoReadModel } = await import('../projections/stores/mongodb/readModel.ts');
  return openMongoReadModel({ url: mongoUrl });
}

async function open(): Promise<Opened> {
  const store = await openEvents();
  try {
    const readModel = await openViews();
    const { eventStoreUrl, mongoUrl } = places;
    // Embedded generations are built alone, and a shared reading waits for others to join.
    const isAlone = eventStoreUrl === null && mongoUrl === null;
    const shared = isAlone ? store : shareReadings(store, projectedViews());
    return {
      build: buildInThisThread({ readModel, store: shared, clock: systemClock }),
      async close() {
        await readModel.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

// The process has these stores open already, so a failure to open them here may pass.
const opening = open().catch((error: unknown) => {
  throw isUnreachable(error) ? error : new ReadModelError(`a store cannot be opened: ${reasonOf(error)}`);
});
// Each build reports it.
opening.catch(() => undefined);

type Work = Exclude<Numbered<BuildOrder>, { leave: number }>;

async function work({ id, build, view, generation }: Work): Promise<void> {
  const { signal } = leaving.get(build) ?? new AbortController();
  try {
    const opened = await opening;
    await opened.build({
      view: viewDeclaredAs(view),
      generation,
      signal,
      onProgress: atMostEvery(REPORT_MS, (progress) => {
        send({ id, progress });
      }),
    });
    send({ id, isDone: true });
  } catch (error) {
    send({ id, failed: failureOf(error) });
  } finally {
    leaving.delete(build);
  }
}

async function stop(): Promise<void> {
  for (const one of leaving.values()) one.abort();
  const opened = await opening.catch(() => null);
  await opened?.close();
  parentPort?.close();
}

parentPort?.on('message', (order: Numbered<BuildOrder> | 'stop') => {
  if (order === 'stop') void stop();
  else if ('leave' in order) leaving.get(order.leave)?.abort();
  else {
    leaving.set(order.build, new AbortController());
    void work(order);
  }
});
