import { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { openEventStore, openReadModel } from '../stores.ts';
import { fixedKey } from '../events/settings.ts';
import { projectedViews } from '../projections/views.ts';
import { isOfLog } from '../projections/sameLog.ts';
import { configFromEnvironment, EXIT } from './exit.ts';
import type { Config } from '../config.ts';

/** A year before which this program cannot run: the clock is wrong. */
const PLAUSIBLE_YEAR = 2026;

interface Check {
  name: string;
  run(): Promise<string>;
}

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('Check the configuration, the stores and the clock. Exit code 1 when something is wrong.')
    .action(async () => {
      const config = configFromEnvironment();
      process.exitCode = (await runChecks(checksOf(config))) ? EXIT.done : EXIT.failed;
    });

async function runChecks(checks: readonly Check[]): Promise<boolean> {
  let isWell = true;
  for (const { name, run } of checks) {
    try {
      console.log(`ok    ${name}: ${await run()}`);
    } catch (error) {
      isWell = false;
      const { message, cause } = error as Error;
      console.log(`FAIL  ${name}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`);
    }
  }
  return isWell;
}

function checksOf(config: Config): Check[] {
  return [
    { name: 'configuration', run: async () => describeConfig(config) },
    { name: 'clock', run: checkClock },
    { name: 'event store', run: () => checkEventStore(config) },
    { name: 'read model', run: () => checkReadModel(config) },
  ];
}

function describeConfig({ keys, dataDir, host, port }: Config): string {
  const tokens = keys === null ? 'development secret' : 'secret' in keys ? 'JWT_SECRET' : 'JWKS_URI';
  return `http://${host}:${port}, data in ${dataDir}, tokens by ${tokens}`;
}

async function checkClock(): Promise<string> {
  const now = systemClock.now();
  if (new Date(now).getUTCFullYear() < PLAUSIBLE_YEAR)
    throw new Error(`${now} is before this program was made`);
  return now;
}

async function checkEventStore(config: Config): Promise<string> {
  const store = await openEventStore(config);
  try {
    const key = await fixedKey(store, config.reservationKey);
    return key ? `answers, head at ${String(await store.head())}` : 'answers, empty';
  } finally {
    await store.close();
  }
}

async function checkReadModel(config: Config): Promise<string> {
  const store = await openEventStore(config);
  const readModel = await openReadModel(config);
  try {
    const lines: string[] = [];
    for (const view of projectedViews()) {
      const checkpoint = await view.shown(readModel).checkpoint();
      if (!(await isOfLog(store, checkpoint))) {
        throw new Error(`${view.name} was built from another event log: rebuild it`);
      }
      lines.push(`${view.name} ${checkpoint ? `at ${checkpoint.position}` : 'not built yet'}`);
    }
    return lines.join(', ');
  } finally {
    await readModel.close();
    await store.close();
  }
}
