import { createSecretKey } from 'node:crypto';
import { mkdtempSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createCommandSide } from '../../src/commands/handling/commandSide.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { createHistory, type History } from '../../src/history/history.ts';
import { createApp } from '../../src/http/app.ts';
import { createMetrics } from '../../src/http/metrics/metrics.ts';
import { historyRoutes } from '../../src/http/routes/history/history.ts';
import { createHistoryReadLog } from '../../src/http/routes/history/historyReads.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { RowStore } from '../../src/projections/ports/rows.ts';
import type { DocumentView } from '../../src/projections/ports/view.ts';
import { createDocuments, type Documents } from '../../src/projections/reading/documents.ts';
import type { Checkpoint } from '../../src/projections/record/viewDeclaration.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { VIEWS } from '../../src/projections/views/allViews.ts';
import { history as view } from '../../src/projections/views/history.ts';
import { eventAt } from './events.ts';
import { count } from './figures.ts';

const BATCH = 5_000;

/** A history in a folder of its own, with a server in front of it. */
export interface FilledHistory {
  entries: number;
  folder: string;
  /** The server whose `GET /audit` answers from it. */
  url: string;
  close(): Promise<void>;
}

const key = createSecretKey(Buffer.alloc(32, 1));
const historyOver = (rows: RowStore): History =>
  createHistory({ rows, key, clock: systemClock, maxWaitMs: 1_000 });

/** Opens the history in a folder that was filled before, without a server. */
export async function openHistory(folder: string): Promise<{ history: History; close(): Promise<void> }> {
  const readModel = openSqliteReadModel({ folder });
  const history = historyOver(await readModel.openRows(view, 1));
  return { history, close: () => readModel.close() };
}

/** Fills a history with `entries` entries, and prints its rate and size. */
export async function fillHistory(entries: number): Promise<FilledHistory> {
  const folder = mkdtempSync(join(tmpdir(), 'padron-bench-history-'));
  const readModel = openSqliteReadModel({ folder });
  const rowStore = await readModel.openRows(view, 1);
  const start = performance.now();
  let from: Checkpoint | null = null;
  for (let n = 0; n < entries; n += BATCH) {
    const events = Array.from({ length: Math.min(BATCH, entries - n) }, (_, i) => eventAt(n + i, entries));
    const last = events.at(-1)!;
    const to: Checkpoint = { position: last.position, event: { position: last.position, id: last.id } };
    await rowStore.write({ rows: events.flatMap((event) => view.rowOf(event) ?? []), from, to });
    from = to;
  }
  const seconds = (performance.now() - start) / 1_000;
  const { size } = statSync(join(folder, 'history-v1-g1.db'));
  console.log(
    `${count(entries)} entries: filled at ${count(entries / seconds)} a second, ${Math.round(size / entries)} bytes an entry`,
  );
  const server = await serve(readModel, rowStore, folder);
  const { port } = server.address() as AddressInfo;
  return {
    entries,
    folder,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await readModel.close();
    },
  };
}

/** Serves the history's routes as the service does, for one auditor whose token is always valid. */
async function serve(readModel: ReadModel, rowStore: RowStore, folder: string): Promise<Server> {
  const store = openSqliteEventStore({ file: join(folder, 'events.db') });
  const commands = createCommandSide({ store, key, clock: systemClock });
  const logger = pino({ level: 'silent' });
  const noteRead = createHistoryReadLog(logger);
  const documentsOf = <Body extends object>(of: DocumentView<Body>): Documents<Body> =>
    createDocuments({
      view: of,
      viewReader: readModel.shown(of),
      ...commands,
      store,
      clock: systemClock,
      maxWaitMs: 1_000,
    });
  const app = createApp({
    routes: historyRoutes({
      commands,
      store,
      history: historyOver(rowStore),
      personas: documentsOf(VIEWS.personas),
      users: documentsOf(VIEWS.users),
      noteRead,
      logger,
    }),
    verifyToken: async () => ({}),
    authorise: async () => ({ account: 'auditor', role: 'auditor' }),
    logger,
    metrics: createMetrics(),
  });
  const answer = app.callback();
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await store.close();
  return server;
}
