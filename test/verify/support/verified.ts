import { MongoClient } from 'mongodb';
import { pino } from 'pino';
import { expect } from 'chai';
import { join } from 'node:path';
import type { Difference } from '../../../src/projections/record/viewRecord.ts';
import type { Request } from '../../../src/commands/command.ts';
import { createCommandSide, type CommandSide } from '../../../src/commands/handling/commandSide.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import type { EventStore } from '../../../src/events/eventStore.ts';
import { openSqliteEventStore } from '../../../src/events/stores/sqlite/sqliteEventStore.ts';
import { catchUpViews } from '../../../src/cli/jobs/catchUp.ts';
import { currentGeneration } from '../../../src/verify/currentGeneration.ts';
import type { ReadModel } from '../../../src/projections/ports/readModel.ts';
import type { RowStore } from '../../../src/projections/ports/rows.ts';
import type { ViewDocument, ViewStore } from '../../../src/projections/ports/documents.ts';
import type { ViewDeclaration } from '../../../src/projections/record/viewDeclaration.ts';
import { openSqliteReadModel } from '../../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { withoutValues, type FoundDifference } from '../../../src/verify/difference.ts';
import { verifyViews, type VerifyResult } from '../../../src/verify/verifyViews.ts';
import { projectedViews, VIEWS, type Views } from '../../../src/projections/views/allViews.ts';
import { collectionName } from '../../../src/projections/stores/mongodb/generation/generations.ts';
import { openSqlite } from '../../../src/platform/sqlite/sqlite.ts';
import { newFolder, removeFolder } from '../../support/folder.ts';
import { memoryEventStore, memoryLog } from '../../support/memoryEventStore.ts';
import { testDatabase, type TestDatabase } from '../../support/mongodb.ts';
import { immediateClock, TEST_KEY } from '../../support/processes.ts';

export interface VerifyRun extends VerifyResult {
  found: FoundDifference[];
  /** The same as a job keeps them. */
  told: Difference[];
}

export interface VerifyTestOptions {
  repair?: boolean;
  showValues?: boolean;
  /** Left out: the present head, which the views are brought to. */
  upTo?: bigint | null;
  signal?: AbortSignal;
  onProgress?: (progress: { processed: number; share: number }) => Promise<void>;
  /** The event store that is read; left out: that of the test. */
  store?: EventStore;
}

/** Stores of one test with the write side over them. */
export interface Verified {
  store: EventStore;
  readModel: ReadModel;
  commands: CommandSide;
  views: Views;
  /** Brings the views to the present head. */
  level(): Promise<bigint | null>;
  /** Brings the views level, then verifies. */
  verify(options?: VerifyTestOptions): Promise<VerifyRun>;
  /** The shown generation of a document view, to be tampered with. */
  documents(view: ViewDeclaration): Promise<ViewStore>;
  rows(): Promise<RowStore>;
  /** Changes a document behind everybody's back. */
  tamper(view: ViewDeclaration, id: number, change: (document: ViewDocument) => ViewDocument): Promise<void>;
  /** Takes a document away, as no port can. */
  lose(view: ViewDeclaration, id: number): Promise<void>;
  /** Takes away what the search finds a document by, as no port can. */
  loseWords(view: ViewDeclaration, id: number): Promise<void>;
  /** Everything that the views hold, to see what a repair has touched. */
  everything(): Promise<Map<string, string>>;
  close(): Promise<void>;
}

export interface VerifiedOptions {
  events?: 'sqlite' | 'memory';
  views?: Views;
  /** Put around the event store. */
  aroundStore?: (store: EventStore) => EventStore;
}

/** A request of this account. */
export const by = (account: string, role = 'admin'): Request => ({
  actor: { account, role },
  requestId: 'request',
  correlationId: 'correlation',
  ifMatch: null,
  key: null,
});

/** The read models that the verification is held against. */
const MONGODB = (process.env['TEST_STORES'] ?? '').endsWith('+mongodb');

/** The event stores that each case is run on; one is enough where each run takes seconds. */
export const EVENT_STORES = MONGODB ? (['sqlite'] as const) : (['sqlite', 'memory'] as const);
/** How long a writer rests between two commands, in milliseconds: a test server cannot follow as fast as commands can be done. */
export const REST_MS = MONGODB ? 50 : 0;
/** Longest that a case may take, in milliseconds. */
export const MAX_MS = MONGODB ? 120_000 : 20_000;

async function openReadModel(
  folder: string,
): Promise<{ readModel: ReadModel; database: TestDatabase | null }> {
  if (!MONGODB) return { readModel: openSqliteReadModel({ folder: join(folder, 'views') }), database: null };
  const { openMongoReadModel } = await import('../../../src/projections/stores/mongodb/readModel.ts');
  const database = testDatabase();
  return { readModel: await openMongoReadModel({ url: database.url }), database };
}

function loseInFile(file: string, id: number): void {
  const db = openSqlite(file, { synchronous: 'NORMAL' });
  expect(db.prepare('DELETE FROM documents WHERE id = ?').run(id).changes).to.equal(1);
  db.close();
}

function loseWordsInFile(file: string, id: number): void {
  const db = openSqlite(file, { synchronous: 'NORMAL' });
  expect(db.prepare('DELETE FROM words WHERE id = ?').run(id).changes).to.be.greaterThan(0);
  db.close();
}

async function loseWordsInMongo(
  { url }: TestDatabase,
  view: ViewDeclaration,
  generation: number,
  id: number,
): Promise<void> {
  const client = new MongoClient(url);
  const own = client.db().collection<{ _id: number }>(collectionName(view, generation));
  const { modifiedCount } = await own.updateOne({ _id: id }, { $set: { words: [] } });
  await client.close();
  expect(modifiedCount).to.equal(1);
}

async function loseInMongo(
  { url }: TestDatabase,
  { name, version }: ViewDeclaration,
  generation: number,
  id: number,
): Promise<void> {
  const client = new MongoClient(url);
  const own = client.db().collection<{ _id: number }>(collectionName({ name, version }, generation));
  const { deletedCount } = await own.deleteOne({ _id: id });
  await client.close();
  expect(deletedCount).to.equal(1);
}

export async function openVerified({
  events = 'sqlite',
  views = VIEWS,
  aroundStore = (store) => store,
}: VerifiedOptions = {}): Promise<Verified> {
  const folder = newFolder();
  const { readModel, database } = await openReadModel(folder);
  const bare =
    events === 'sqlite'
      ? openSqliteEventStore({ file: join(folder, 'events.db') })
      : memoryEventStore(memoryLog());
  const store = aroundStore(bare);
  const commands = createCommandSide({ store, key: TEST_KEY, clock: immediateClock });
  const documentViews = [views.personas, views.users];

  const level = (): Promise<bigint | null> =>
    catchUpViews({
      views: projectedViews(views),
      readModel,
      store,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      signal: new AbortController().signal,
    });

  async function verify(options: VerifyTestOptions = {}): Promise<VerifyRun> {
    const found: FoundDifference[] = [];
    const result = await verifyViews({
      store: options.store ?? store,
      readModel,
      reservations: commands.reservations,
      clock: systemClock,
      documentViews,
      rowViews: [views.history],
      upTo: options.upTo === undefined ? await level() : options.upTo,
      signal: options.signal ?? new AbortController().signal,
      repair: options.repair ?? false,
      showValues: options.showValues ?? false,
      onProgress: options.onProgress ?? (async () => undefined),
      onDifference: async (difference) => {
        found.push(difference);
      },
    });
    expect(result.differences).to.equal(found.length);
    return { ...result, found, told: found.map(withoutValues) };
  }

  const documents = async (view: ViewDeclaration): Promise<ViewStore> =>
    readModel.open(view, await currentGeneration(readModel.controls, view));
  const rows = async (): Promise<RowStore> =>
    readModel.openRows(views.history, await currentGeneration(readModel.controls, views.history));

  return {
    store,
    readModel,
    commands,
    views,
    level,
    verify,
    documents,
    rows,
    async tamper(view, id, change) {
      const live = await documents(view);
      const [document] = await live.load([id]);
      if (!document) throw new Error(`${view.name} has no document ${id}`);
      expect(await live.repair(document, change(document)), 'tampered').to.equal(true);
    },
    async lose(view, id) {
      const live = await currentGeneration(readModel.controls, view);
      if (database) await loseInMongo(database, view, live, id);
      else loseInFile(join(folder, 'views', `${view.name}-v${view.version}-g${live}.db`), id);
    },
    async loseWords(view, id) {
      const live = await currentGeneration(readModel.controls, view);
      if (database) await loseWordsInMongo(database, view, live, id);
      else loseWordsInFile(join(folder, 'views', `${view.name}-v${view.version}-g${live}.db`), id);
    },
    async everything() {
      const all = new Map<string, string>();
      for (const view of documentViews) {
        for (const one of await (
          await documents(view)
        ).scan({ after: Number.MIN_SAFE_INTEGER, limit: 100_000 })) {
          all.set(`${view.name} ${one.id}`, JSON.stringify(one));
        }
      }
      for (const { position, json } of await (await rows()).scan({ after: null, limit: 100_000 })) {
        all.set(`history ${position}`, json);
      }
      return all;
    },
    async close() {
      await readModel.close();
      await store.close();
      await database?.drop();
      removeFolder(folder);
    },
  };
}
