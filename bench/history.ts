/**
 * Audit queries and exports over 10,000, 100,000 and 1,000,000 entries on SQLite:
 *
 *   npx tsx bench/history.ts [entries…]
 *
 * Prints how fast the view is filled, the latency of a page over HTTP per filter at each size with the ratio of the p99s, and the
 * export's rate and memory. Ratios, for they hold on any machine; exit code 1 when one is above its limit.
 */
import { fork } from 'node:child_process';
import { createSecretKey } from 'node:crypto';
import { Agent, createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { systemClock } from '../src/platform/clock.ts';
import { createCommandSide } from '../src/commands/handling/commandSide.ts';
import type { RecordedEvent } from '../src/events/eventStore.ts';
import { openSqliteEventStore } from '../src/events/stores/sqlite/sqliteEventStore.ts';
import { toCsv, toNdjson } from '../src/history/export.ts';
import { readHistoryQuery, type HistoryQuery } from '../src/history/filters.ts';
import { createHistory, type History } from '../src/history/history.ts';
import { createApp } from '../src/http/app.ts';
import { historyRoutes } from '../src/http/routes/history/history.ts';
import { createHistoryReadLog } from '../src/http/routes/history/historyReads.ts';
import { createMetrics } from '../src/http/metrics/metrics.ts';
import { history as view } from '../src/projections/views/history.ts';
import { createDocuments, type Documents } from '../src/projections/reading/documents.ts';
import type { Checkpoint } from '../src/projections/record/viewDeclaration.ts';
import type { ReadModel } from '../src/projections/ports/readModel.ts';
import type { RowStore } from '../src/projections/ports/rows.ts';
import { openSqliteReadModel } from '../src/projections/stores/sqlite/sqliteReadModel.ts';
import type { DocumentView } from '../src/projections/ports/view.ts';
import { VIEWS } from '../src/projections/views/allViews.ts';

/** Entries of one subject, and of one correlation: the same at each size, so that a page is as full. */
const PER_SUBJECT = 100;
const ACTORS = 20;
const FIRST_DAY = Date.parse('2024-01-01T00:00:00Z');
const SECONDS_APART = 30;
const BATCH = 5_000;
const ROUNDS = 8;
const PAGES_A_ROUND = 200;
/** Pieces of an export before the one that is measured. */
const WARM_UP_PIECES = 100;
const MAX_RATIO = 1.5;
const MAX_GROWTH_MB = 50;

interface Filled {
  entries: number;
  folder: string;
  /** Where `GET /audit` answers from it. */
  url: string;
  close(): Promise<void>;
}

const FIELDS = ['cuota', 'direccion', 'telefono', 'email', 'formadepago', 'categoria'];

/** One in a hundred registers, the rest edit two members. */
function eventAt(n: number, entries: number): RecordedEvent {
  const subjects = Math.ceil(entries / PER_SUBJECT);
  const subject = (n % subjects) + 1;
  const revision = Math.floor(n / subjects);
  const at = new Date(FIRST_DAY + n * SECONDS_APART * 1_000).toISOString();
  const [first = '', second = ''] = [FIELDS[n % FIELDS.length], FIELDS[(n * 7 + 1) % FIELDS.length]];
  const changes = Object.fromEntries(
    [first, second].map((field) => [field, { from: `former ${field} ${n}`, to: `latter ${field} ${n + 1}` }]),
  );
  const registered = {
    IdUsuario: subject,
    nombre: `Nombre ${subject}`,
    apellidos: 'Apellido Apellido',
    password: 'hash',
    dni: `${subject}`,
    email: `user${subject}@example.com`,
    cuota: 25,
    categoria: 'socio',
  };
  const correlation = `request-${Math.floor(n / PER_SUBJECT)}`;
  return {
    id: `event-${n}`,
    stream: `user-${subject}`,
    revision,
    position: BigInt(n + 1),
    type: revision === 0 ? 'UserRegistered' : 'UserEdited',
    data: revision === 0 ? registered : { changes },
    metadata: {
      actor: { account: `account-${(n * 13) % ACTORS}`, role: 'admin' },
      requestId: correlation,
      commandId: correlation,
      schemaVersion: 1,
      occurredAt: at,
      $correlationId: correlation,
      $causationId: correlation,
    },
  };
}

const key = createSecretKey(Buffer.alloc(32, 1));
const historyOver = (rows: RowStore): History =>
  createHistory({ rows, key, clock: systemClock, longestWaitMs: 1_000 });

async function fill(entries: number): Promise<Filled> {
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

/** The routes of the history as the service has them, for one auditor whose token is always good. */
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
      longestWaitMs: 1_000,
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

type Parameters = Record<string, string>;

/** What each kind of question asks, at random; `n` is a random entry. */
const QUESTIONS: Record<string, (n: number, entries: number) => Parameters> = {
  'no filter': () => ({}),
  type: () => ({ type: 'UserEdited' }),
  actor: (n) => ({ actor: `account-${n % ACTORS}` }),
  subject: (n, entries) => ({ subject: `user-${(n % Math.ceil(entries / PER_SUBJECT)) + 1}` }),
  correlation: (n) => ({ correlation: `request-${Math.floor(n / PER_SUBJECT)}` }),
  field: (n) => ({ field: FIELDS[n % FIELDS.length] ?? '' }),
  'from, to': (n) => ({ from: instantOf(n - 400), to: instantOf(n) }),
  'type, actor': (n) => ({ type: 'UserEdited', actor: `account-${n % ACTORS}` }),
  'subject, field': (n, entries) => ({
    subject: `user-${(n % Math.ceil(entries / PER_SUBJECT)) + 1}`,
    field: 'cuota',
  }),
  'actor, field, from, to': (n) => ({
    actor: `account-${n % ACTORS}`,
    field: 'email',
    from: instantOf(n - 2_000),
    to: instantOf(n),
  }),
  'q (not by index)': () => ({ q: 'former cuota 77' }),
};

const instantOf = (n: number): string =>
  new Date(FIRST_DAY + Math.max(0, n) * SECONDS_APART * 1_000).toISOString();

async function measurePages(sizes: readonly Filled[]): Promise<boolean> {
  let isWell = true;
  console.log(
    `\na page of 50 over HTTP in ms: p50 / p99 at each size; p99 at the largest against the smallest`,
  );
  for (const [name, ask] of Object.entries(QUESTIONS)) {
    const rounds = sizes.map((): number[][] => []);
    const most = name.startsWith('q ') ? 2 : ROUNDS;
    // In turns: whatever else the machine does falls on each size alike. The first round warms up.
    for (let round = 0; round <= most; round += 1) {
      for (const [index, size] of sizes.entries()) {
        const measured = await timePages(size, ask);
        if (round > 0) rounds[index]?.push(measured);
      }
    }
    const p50s = rounds.map((own) => quietest(own, 0.5));
    const p99s = rounds.map((own) => quietest(own, 0.99));
    const ratio = (p99s.at(-1) ?? 0) / (p99s[0] ?? 1);
    const isMeasured = sizes.length > 1 && !name.startsWith('q ');
    if (isMeasured && ratio > MAX_RATIO) isWell = false;
    const cells = p50s.map((p50, index) => `${ms(p50)} / ${ms(p99s[index] ?? 0)}`);
    console.log(
      `${name.padEnd(22)} ${cells.map((one) => one.padStart(15)).join('')}   x ${ratio.toFixed(2)}`,
    );
  }
  return isWell;
}

/** From random places, in both directions. */
async function timePages(
  { entries, url }: Filled,
  ask: (n: number, entries: number) => Parameters,
): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < PAGES_A_ROUND; i += 1) {
    const n = Math.floor(Math.random() * entries);
    const asked = ask(n, entries);
    const isWhole = 'subject' in asked || 'correlation' in asked || 'from' in asked;
    const place = i % 2 === 0 ? { order: 'asc', from: instantOf(n) } : { order: 'desc', to: instantOf(n) };
    const parameters = new URLSearchParams({ ...(isWhole ? {} : place), ...asked });
    const start = performance.now();
    await page(`${url}/audit?${parameters.toString()}`);
    times.push(performance.now() - start);
  }
  return times;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function page(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url}: ${String(response.statusCode)}`));
      response.resume();
      response.once('end', resolve);
    }).once('error', reject);
  });
}

function queryOf(parameters: Parameters): HistoryQuery {
  const read = readHistoryQuery(parameters);
  if ('query' in read) return read.query;
  throw new Error(JSON.stringify(read.faults));
}

interface Exported {
  bytes: number;
  seconds: number;
  growthMb: number;
}

/** In a process of its own: the memory is the export's alone. */
function exportIn(folder: string, format: 'ndjson' | 'csv'): Promise<Exported> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--export', folder, format], {
      execArgv: process.execArgv,
    });
    child.once('message', (message) => {
      resolve(message as Exported);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`the export ended with ${String(code)}`));
    });
  });
}

async function runExport(folder: string, format: string): Promise<Exported> {
  const readModel = openSqliteReadModel({ folder });
  const history = historyOver(await readModel.openRows(view, 1));
  // The first entries twice: what any export needs (compiled code, a warm heap) is there when the measure begins.
  let [bytes, before, peak, start] = [0, 0, 0, 0];
  for (const most of [WARM_UP_PIECES, Infinity]) {
    before = peak = process.memoryUsage.rss();
    start = performance.now();
    bytes = 0;
    let pieces = 0;
    const pages = history.pages(queryOf({}), { subject: null, name: 'audit' }, null);
    for await (const text of format === 'csv' ? toCsv(pages) : toNdjson(pages)) {
      bytes += Buffer.byteLength(text);
      peak = Math.max(peak, process.memoryUsage.rss());
      if ((pieces += 1) === most) break;
    }
  }
  const seconds = (performance.now() - start) / 1_000;
  await readModel.close();
  return { bytes, seconds, growthMb: (peak - before) / 2 ** 20 };
}

async function measureExports(sizes: readonly Filled[]): Promise<boolean> {
  let isWell = true;
  console.log('\nexport: entries a second, MB a second, growth of the process in MB at its peak');
  for (const { entries, folder } of sizes) {
    for (const format of ['ndjson', 'csv'] as const) {
      const { bytes, seconds, growthMb } = await exportIn(folder, format);
      if (growthMb > MAX_GROWTH_MB) isWell = false;
      const [rate, mb] = [count(entries / seconds), (bytes / 2 ** 20 / seconds).toFixed(0)];
      console.log(
        `${count(entries).padStart(9)} ${format.padEnd(6)} ${rate.padStart(9)} ${mb.padStart(5)} ${growthMb.toFixed(1).padStart(7)}`,
      );
    }
  }
  return isWell;
}

/** That of the quietest round: what else the machine does only ever adds. */
const quietest = (rounds: readonly number[][], share: number): number =>
  Math.min(...rounds.map((times) => percentile(times, share)));
const percentile = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
const ms = (time: number): string => time.toFixed(2);
const count = (number: number): string => Math.round(number).toLocaleString('en');

async function main(wanted: number[]): Promise<void> {
  const sizes: Filled[] = [];
  try {
    for (const entries of wanted) sizes.push(await fill(entries));
    const pagesWell = await measurePages(sizes);
    for (const { close } of sizes) await close();
    agent.destroy();
    const exportsWell = await measureExports(sizes);
    const isWell = pagesWell && exportsWell;
    console.log(
      `\n${isWell ? 'within' : 'ABOVE'} the limits: p99 x ${MAX_RATIO}, export + ${MAX_GROWTH_MB} MB`,
    );
    process.exitCode = isWell ? 0 : 1;
  } finally {
    for (const { folder } of sizes) rmSync(folder, { recursive: true });
  }
}

const [mode, folder = '', format = ''] = process.argv.slice(2);
if (mode === '--export') process.send?.(await runExport(folder, format));
else {
  const given = process.argv.slice(2).map(Number);
  await main(given.length > 0 ? given : [10_000, 100_000, 1_000_000]);
}
