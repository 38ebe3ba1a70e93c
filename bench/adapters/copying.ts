import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyLog } from '../../src/cli/copying/copyLog.ts';
import { catchUpViews } from '../../src/cli/jobs/catchUp.ts';
import { projectedViews } from '../../src/projections/views/allViews.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { writeMadeUpLog } from '../../test/support/madeUpLog.ts';
import { temporaryFolder } from '../support/servers.ts';
import { bareReadAll, rateOf, report, reportRate, ROUNDS, type Rates, type Setting } from './setting.ts';

const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 20_000);

/** Copies a made-up embedded log to the server, comparison included, and builds the three views from the copy. */
export async function benchCopyAndFirstBuild(setting: Setting): Promise<void> {
  const folder = temporaryFolder();
  const file = join(folder, 'events.db');
  await writeMadeUpLog(file, { events: EVENTS, people: EVENTS / 10 });
  await setting.reset();
  const rate = await rateOf(() => copy(file, setting));
  const events = await bareReadAll(setting.client);
  reportRate('copy to EventStoreDB, comparison included', 'events/s', rate, 2_000);

  const rounds: Rates[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const bare = await rateOf(() => bareReadAll(setting.client));
    const views = join(folder, `views-${round}`);
    const ours = await rateOf(async () => {
      await firstBuild(setting, views);
      return events;
    });
    rounds.push({ bare, ours });
    rmSync(views, { recursive: true });
  }
  report('first build of three views, against one bare reading', 'events/s', rounds, 0.6);
}

async function copy(file: string, { store }: Setting): Promise<number> {
  const source = openSqliteEventStore({ file });
  const { signal } = new AbortController();
  const { events } = await copyLog({ source, target: store, signal, onProgress: () => undefined });
  await source.close();
  return events;
}

async function firstBuild({ store }: Setting, folder: string): Promise<void> {
  const readModel = openSqliteReadModel({ folder });
  const logger = { info: () => undefined, warn: console.error, error: console.error };
  const { signal } = new AbortController();
  await catchUpViews({ views: projectedViews(), readModel, store, clock: systemClock, logger, signal });
  await readModel.close();
}
