/**
 * Rebuilds on the embedded stores, each in a process of its own, compared with a bare loop that reads every event in pages and parses it:
 *
 *   node --import ./bench/compile.js bench/rebuild.ts [events] [people]
 *
 * Prints the rate of each view, its ratio to the bare loop's, the processor time and the peak memory. Exit code 1 if a ratio is below its
 * goal. On a machine with other work, compare the processor times: they vary less than the rates.
 */
import { fork } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/platform/clock.ts';
import { openSqliteEventStore } from '../src/events/stores/sqlite/sqliteEventStore.ts';
import { buildInThisThread } from '../src/projections/rebuild/buildGeneration.ts';
import { openSqliteReadModel } from '../src/projections/stores/sqlite/sqliteReadModel.ts';
import { projectedViews } from '../src/projections/views/allViews.ts';
import { openSqlite } from '../src/platform/sqlite/sqlite.ts';
import { writeMadeUpLog } from '../test/support/madeUpLog.ts';

const PAGE = 2_000;
/** BENCH_LOG names an events.db to use instead of a made-up one. */
const KEPT_LOG = process.env['BENCH_LOG'];
const TO_REACH: Record<string, number> = { personas: 0.5, users: 0.5, history: 0.25 };

interface Measured {
  events: number;
  seconds: number;
  /** Processor time of all threads, in seconds. */
  busy: number;
  peakMiB: number;
}

/** The baseline: the work that every rebuild has to do. */
async function bareLoop(folder: string): Promise<number> {
  const db = openSqlite(join(folder, 'events.db'), { synchronous: 'FULL', cacheMiB: 64 });
  const page = db.prepare(
    `SELECT position, stream, revision, id, type, data, metadata FROM events WHERE position > ? ORDER BY position LIMIT ${PAGE}`,
  );
  let events = 0;
  for (let position = 0; ;) {
    const rows = page.all(position) as { position: number; data: string; metadata: string }[];
    for (const { data, metadata } of rows) {
      JSON.parse(data);
      JSON.parse(metadata);
    }
    events += rows.length;
    const last = rows.at(-1);
    if (!last) break;
    position = last.position;
  }
  db.close();
  return events;
}

async function rebuild(folder: string, name: string): Promise<number> {
  const store = openSqliteEventStore({ file: join(folder, 'events.db'), use: 'read through' });
  const readModel = openSqliteReadModel({ folder: join(folder, `views-${process.pid}`) });
  const view = projectedViews().find((one) => one.name === name);
  if (!view) throw new Error(name);
  const stores = { store, readModel, clock: systemClock };
  await view.open(1, stores);
  const fill = buildInThisThread(stores);
  const { signal } = new AbortController();
  await fill({ view, generation: 1, signal, onProgress: () => undefined });
  const head = await store.head();
  await readModel.close();
  await store.close();
  return Number(head);
}

/** Takes one measurement in this process and sends it to the parent. */
async function measure(what: string, folder: string): Promise<void> {
  const start = performance.now();
  const startUsage = process.cpuUsage();
  const events = await (what === 'bare' ? bareLoop(folder) : rebuild(folder, what));
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(startUsage);
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1_024);
  const measured: Measured = { events, seconds, busy: (user + system) / 1e6, peakMiB };
  process.send?.(measured);
}

const inChild = (what: string, folder: string): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--measure', what, folder], {
      execArgv: [...process.execArgv, ...(process.env['BENCH_NODE_FLAGS']?.split(' ') ?? [])],
    });
    child.once('message', (measured) => {
      resolve(measured as Measured);
    });
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`${what} ended with ${String(code)}`));
    });
  });

async function main([events = 100_000, people = Math.ceil(events / 10)]: number[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'padron-bench-rebuild-'));
  try {
    if (KEPT_LOG && existsSync(KEPT_LOG)) copyFileSync(KEPT_LOG, join(folder, 'events.db'));
    else await writeMadeUpLog(join(folder, 'events.db'), { events, people });
    const measures = process.env['BENCH_ONLY']?.split(',') ?? [
      'bare',
      'personas',
      'users',
      'history',
      'bare',
    ];
    let bare = Infinity;
    for (const what of measures) {
      const { events: read, seconds, busy, peakMiB } = await inChild(what, folder);
      if (what === 'bare') bare = Math.min(bare, seconds);
      const ratio = bare / seconds;
      const toReach = TO_REACH[what];
      const verdict = toReach === undefined ? '' : ratio >= toReach ? 'reached' : `BELOW ${toReach}`;
      if (verdict.startsWith('BELOW')) process.exitCode = 1;
      console.log(
        [
          what.padEnd(9),
          read,
          `${Math.round(read / seconds)}/s`,
          ratio.toFixed(2),
          `${busy.toFixed(1)} s busy`,
          `${peakMiB} MiB`,
          verdict,
        ].join('\t'),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [flag, what = '', folder = ''] = process.argv.slice(2);
if (flag === '--measure') await measure(what, folder);
else await main(process.argv.slice(2).map(Number));
