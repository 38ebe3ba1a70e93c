import { Command } from 'commander';
import { systemClock } from '../platform/clock.ts';
import { isEventLogThere, isReadModelThere, openEventStore, openReadModel } from '../service/stores.ts';
import type { EventStore } from '../events/eventStore.ts';
import { existingDevelopmentSecret } from '../config/developmentSecret.ts';
import { isErased } from '../sealing/keyStore.ts';
import { keysOf, LOG_SUBJECT } from '../sealing/opening/sealedStore.ts';
import { ALGORITHMS_TEXT } from '../http/access/algorithms.ts';
import { createKeySet } from '../http/access/keySet.ts';
import { fixedKey } from '../events/bookkeeping/settings.ts';
import type { ReadModel } from '../projections/ports/readModel.ts';
import { projectedViews } from '../projections/views/allViews.ts';
import { belongsToLog } from '../projections/following/logIdentity.ts';
import { checkFiles, warningOfOthers } from './checks/checkFiles.ts';
import { describePlace } from './checks/dataPlace.ts';
import { checkServer, hostInUrl } from './checks/checkServer.ts';
import { configFromEnvironment, EXIT } from './output/exit.ts';
import type { Config } from '../config/config.ts';

/** Before this year the clock must be wrong. */
const PLAUSIBLE_YEAR = 2026;

interface Check {
  name: string;
  run(): Promise<string>;
}

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('Check the configuration, the stores, the running server and the clock.')
    .addHelpText(
      'after',
      `
Changes nothing. If nothing is stored yet, it says so: that counts as healthy.
Exit code 0: healthy; 1: a store, a view, the server or the clock is not; 2: the configuration is wrong, and
nothing else was checked.`,
    )
    .action(async () => {
      const config = configFromEnvironment();
      warn(config);
      const warning = warningOfOthers(config);
      if (warning !== null) console.log(`warn  files: ${warning}`);
      process.exitCode = (await runChecks(checksOf(config))) ? EXIT.done : EXIT.failed;
    });

/** Prints settings that work but should be changed. */
function warn({ warnings }: Config): void {
  for (const warning of warnings) console.log(`warn  configuration: ${warning}`);
}

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
    { name: 'tokens', run: () => checkTokens(config) },
    { name: 'clock', run: checkClock },
    { name: 'server', run: () => checkServer(config) },
    { name: 'event store', run: () => checkEventStore(config) },
    { name: 'keys', run: () => checkKeyStore(config) },
    { name: 'read model', run: () => checkReadModel(config) },
    { name: 'files', run: () => checkFiles(config) },
  ];
}

function describeConfig({ keys, dataDir, host, port }: Config): string {
  const tokens = keys === null ? 'development secret' : 'secret' in keys ? 'JWT_SECRET' : 'JWKS_URI';
  return `http://${hostInUrl(host)}:${port}, data in ${dataDir}, tokens: ${tokens}`;
}

/** Checks the token keys: fetched, or read from their file. */
async function checkTokens({ keys, dataDir }: Config): Promise<string> {
  if (keys === null) {
    const secret = existingDevelopmentSecret(dataDir);
    return secret === null ? 'development mode, no secret yet' : 'development mode, secret in DATA_DIR';
  }
  if ('secret' in keys) return 'HS256 secret';
  const count = await createKeySet({ uri: keys.jwksUri }).refresh();
  return `the key set answers, ${count} ${count === 1 ? 'key' : 'keys'} for ${ALGORITHMS_TEXT}`;
}

async function checkClock(): Promise<string> {
  const now = systemClock.now();
  if (new Date(now).getUTCFullYear() < PLAUSIBLE_YEAR)
    throw new Error(`${now} is before this version was released`);
  return now;
}

async function checkEventStore(config: Config): Promise<string> {
  if (!isEventLogThere(config)) return `no data yet, ${describePlace(config.dataDir)}`;
  const store = await openEventStore(config);
  try {
    const key = await fixedKey(store, config.reservationKey);
    const found = key ? `answers, head at ${String(await store.head())}` : 'answers, empty';
    const server = await store.server?.();
    if (server?.warning) console.log(`warn  event store: ${server.warning}`);
    return server ? `${found}, server ${server.version}` : found;
  } finally {
    await store.close();
  }
}

/** Checks that the key store and the master key are the log's. «padron keys check» checks each key. */
async function checkKeyStore(config: Config): Promise<string> {
  if (!isEventLogThere(config)) return 'nothing there yet';
  const store = await openEventStore(config);
  try {
    if ((await fixedKey(store, config.reservationKey)) === null) return 'nothing there yet';
    const keys = await keysOf(store);
    if (!keys) return 'none: personal data is stored in clear';
    const [row] = await keys.store.ofSubjects([LOG_SUBJECT]);
    const isRotating = row && !isErased(row) && row.master !== keys.masters.present.fingerprint;
    if (isRotating)
      console.log('warn  keys: MASTER_KEY_PREVIOUS is still needed, run «npx padron keys rotate»');
    return 'the key store answers, and its keys open';
  } finally {
    await store.close();
  }
}

async function checkReadModel(config: Config): Promise<string> {
  if (!isReadModelThere(config)) return 'no data yet';
  const store = isEventLogThere(config) ? await openEventStore(config) : null;
  try {
    const readModel = await openReadModel(config);
    try {
      return await describeViews(readModel, store);
    } finally {
      await readModel.close();
    }
  } finally {
    await store?.close();
  }
}

/** `store` is null if there is no event log: then no view can have been built from it. */
async function describeViews(readModel: ReadModel, store: EventStore | null): Promise<string> {
  const lines: string[] = [];
  const foreign: string[] = [];
  for (const view of projectedViews()) {
    const checkpoint = await view.shown(readModel).checkpoint();
    const isOwn = store ? await belongsToLog(store, checkpoint) : checkpoint === null;
    if (!isOwn) foreign.push(view.name);
    lines.push(`${view.name} ${checkpoint ? `at ${checkpoint.position}` : 'not built yet'}`);
  }
  if (foreign.length === 0) return lines.join(', ');
  throw new Error(`${foreign.join(', ')}: built from another event log; rebuild needed`);
}
