/**
 * Verifies made-up logs on the embedded stores, each in a process of its own:
 *
 *   node --import ./bench/compile.js bench/verify.ts [events] [people]
 *
 * Prints the events verified per second (each is read twice: along the log, and with its subject), and the peak memory.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { systemClock } from '../src/platform/clock.ts';
import { createCommandSide } from '../src/commands/handling/commandSide.ts';
import type { EventStore } from '../src/events/eventStore.ts';
import { settingsKey } from '../src/events/bookkeeping/settings.ts';
import { openSqliteEventStore } from '../src/events/stores/sqlite/sqliteEventStore.ts';
import { catchUpViews } from '../src/cli/jobs/catchUp.ts';
import type { ReadModel } from '../src/projections/ports/readModel.ts';
import { openSqliteReadModel } from '../src/projections/stores/sqlite/sqliteReadModel.ts';
import { verifyViews } from '../src/verify/verifyViews.ts';
import { projectedViews, VIEWS } from '../src/projections/views/allViews.ts';
import { writeMadeUpLog } from '../test/support/madeUpLog.ts';

interface Measured {
  seconds: number;
  differences: number;
  peakMiB: number;
}

async function withStores<T>(
  folder: string,
  use: (stores: { store: EventStore; readModel: ReadModel }) => Promise<T>,
): Promise<T> {
  const store = openSqliteEventStore({ file: join(folder, 'events.db') });
  const readModel = openSqliteReadModel({ folder: join(folder, 'views') });
  try {
    return await use({ store, readModel });
  } finally {
    await readModel.close();
    await store.close();
  }
}

const buildViews = (folder: string): Promise<unknown> =>
  withStores(folder, ({ store, readModel }) =>
    catchUpViews({
      views: projectedViews(),
      readModel,
      store,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      signal: new AbortController().signal,
    }),
  );

const verify = (folder: string): Promise<Measured> =>
  withStores(folder, async ({ store, readModel }) => {
    const key = await settingsKey({ store, clock: systemClock }, null);
    const start = performance.now();
    const { differences } = await verifyViews({
      store,
      readModel,
      reservations: createCommandSide({ store, key, clock: systemClock }).reservations,
      clock: systemClock,
      documentViews: [VIEWS.personas, VIEWS.users],
      rowViews: [VIEWS.history],
      upTo: await store.head(),
      signal: new AbortController().signal,
      repair: false,
      showValues: false,
      onProgress: async () => undefined,
      onDifference: async () => undefined,
    });
    const seconds = (performance.now() - start) / 1_000;
    return { seconds, differences, peakMiB: process.resourceUsage().maxRSS / 1_024 };
  });

const inProcess = (folder: string): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--one', folder]);
    child.once('message', (measured: Measured) => {
      resolve(measured);
    });
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`the verification ended with ${String(code)}`));
    });
  });

async function main(events: number, people: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'padron-bench-verify-'));
  try {
    await writeMadeUpLog(join(folder, 'events.db'), { events, people });
    await buildViews(folder);
    for (let round = 0; round < 3; round += 1) {
      const { seconds, differences, peakMiB } = await inProcess(folder);
      console.log(
        `${events} events of ${people} subjects: ${seconds.toFixed(1)} s, ${Math.round(events / seconds)} events/s, ` +
          `peak ${Math.round(peakMiB)} MiB, ${differences} differences`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [first, second] = process.argv.slice(2);
if (first === '--one') process.send?.(await verify(second ?? ''));
else await main(Number(first ?? 100_000), Number(second ?? 10_000));
