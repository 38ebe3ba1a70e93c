import { Command } from 'commander';
import type { Logger } from 'pino';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../config/config.ts';
import { registerDemoPeople } from '../service/demo.ts';
import { developmentSecret } from '../config/developmentSecret.ts';
import { lastEventOf, type EventStore } from '../events/eventStore.ts';
import { commitSignal } from '../events/stores/sqlite/commitNews.ts';
import { sequenceStream } from '../events/streams.ts';
import { settingsKey } from '../events/bookkeeping/settings.ts';
import type { Lease } from '../platform/lease.ts';
import { openSqliteLeases } from '../platform/sqlite/leases.ts';
import { createAccessLogger, createLogger } from '../logging/log.ts';
import { bufferLogLines } from '../logging/logBuffer.ts';
import { missingConsole } from '../http/pages/consoleFiles.ts';
import { listen, type HttpServer } from '../http/server/server.ts';
import { createWaitingApp, type WaitingApp } from '../http/waitingApp.ts';
import { aborted } from '../platform/aborted.ts';
import { projectedViews } from '../projections/views/allViews.ts';
import { assertOwnLog } from '../service/ownLog.ts';
import { restartOnReplacedLog } from '../service/restartOnReplacedLog.ts';
import { startService } from '../service/service.ts';
import type { Service } from '../service/serviceOptions.ts';
import {
  openEventStore,
  openReadModel,
  threadsFor,
  usesDataDir,
  viewMaintainerFor,
} from '../service/stores.ts';
import { untilReachable } from '../platform/untilReachable.ts';
import { signInLinkCode } from './output/signInLinkCode.ts';
import { developmentBanner } from './output/banner.ts';
import { warningOfOthers } from './checks/checkFiles.ts';
import { requireDataPlace } from './checks/dataPlace.ts';
import { CliError, configFromEnvironment, EXIT } from './output/exit.ts';

export const serveCommand = (): Command =>
  new Command('serve')
    .description('Serve the HTTP API and keep the views up to date.')
    .addHelpText(
      'after',
      `
Configured by environment variables. Most needed: PORT, HOST, DATA_DIR, NODE_ENV, JWT_SECRET or JWKS_URI with
JWT_AUDIENCE, EVENTSTORE_URL, MONGODB_URL, LOG_LEVEL. docs/reference/configuration.md describes all of them.
Stops on Ctrl-C or SIGTERM after finishing the requests in progress.
Exit code 0: stopped by a signal; 1: failed, or a second signal came; 2: the configuration is wrong, or DATA_DIR
is in use by another server.`,
    )
    .action(serve);

/** How often buffered log lines are written, in milliseconds. */
const FLUSH_MS = 200;
const STANDARD_OUTPUT = 1;

async function serve(): Promise<void> {
  const config = configFromEnvironment();
  const lease = await leaseOfDataDir(config);
  const lines = bufferLogLines(STANDARD_OUTPUT);
  const flushing = setInterval(lines.flush, FLUSH_MS);
  // Whatever ends the process, except a kill: the last log lines explain it.
  process.once('exit', lines.flushSync);
  const logger = createLogger(config.logLevel, lines);
  const accessLogger = createAccessLogger(config.logLevel, lines);
  for (const warning of config.warnings) logger.warn({ warning }, 'configuration');
  for (const warning of [warningOfOthers(config), missingConsole()]) {
    if (warning !== null) logger.warn({}, warning);
  }
  try {
    await serveUntilStopped(config, { logger, accessLogger, print: lines.write });
    await lease?.release();
    logger.info('stopped');
  } finally {
    clearInterval(flushing);
    await lines.flushed();
  }
  process.exit(EXIT.done);
}

/** The parts of standard output, which share one order. */
interface Output {
  logger: Logger;
  accessLogger: Logger;
  print(text: string): void;
}

/**
 * Listens at once and answers 503 until the stores are available. Returns when it has stopped after
 * a signal.
 */
async function serveUntilStopped(config: Config, output: Output): Promise<void> {
  const { logger } = output;
  const signal = stopSignal(logger);
  const closed = createWaitingApp(output.accessLogger, config);
  const server = await listenOn(config, closed, logger);
  logger.info({ url: server.url }, 'listening');
  const starting = start({ config, server, closed, output, signal });
  try {
    // A store that is still being looked for may keep its driver busy for seconds.
    const running = await Promise.race([starting, aborted(signal).then(() => null)]);
    if (!running) {
      await server.stop();
      return;
    }
    await aborted(signal);
    await running.stop();
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function listenOn(config: Config, { listener }: WaitingApp, logger: Logger): Promise<HttpServer> {
  try {
    return await listen({ ...config, logger }, listener);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new CliError(`${(error as Error).message}: set PORT to another one`);
  }
}

/** Null if the signal aborts before the stores are available. */
async function start({
  config,
  server,
  closed,
  output: { logger, accessLogger, print },
  signal,
}: {
  config: Config;
  server: HttpServer;
  closed: WaitingApp;
  output: Output;
  signal: AbortSignal;
}): Promise<Pick<Service, 'stop'> | null> {
  const waiting = { logger, signal };
  const commits = commitSignal();
  const store = await openEventStore(config, { logger, announce: commits });
  const [, readModel] = await Promise.all([
    untilReachable('the event store', () => store.head(), waiting),
    untilReachable('the read model', () => openReadModel(config), waiting),
  ]);
  if (!readModel) return null;
  const keys = config.keys ?? { secret: developmentSecret(config.dataDir) };
  const signIn = config.keys === null && 'secret' in keys ? signInLinkCode(config, keys.secret) : null;
  const checkLog = (): Promise<void> =>
    assertOwnLog({
      store,
      readModel,
      views: projectedViews(),
      clock: systemClock,
      onSetAside: ({ view, reason }) => {
        logger.warn({ view, reason }, 'view set aside; rebuilding it');
      },
    });
  const serveNow = (): Promise<Service> =>
    startService({
      config,
      keys,
      store,
      readModel,
      keep: viewMaintainerFor(config, commits),
      ...threadsFor(config),
      clock: systemClock,
      logger,
      accessLogger,
      ...(signIn ? { signIn } : {}),
      server,
      loadConsole: closed.loadConsole,
    });
  const started = await untilReachable(
    'the stores',
    async () => {
      let banner: string | null = null;
      // First: nothing may be registered next to views of another log.
      await checkLog();
      if (signIn && 'secret' in keys) {
        await registerDemoPeopleOnce(config, store);
        const { code } = signIn;
        banner = await developmentBanner(store, { url: server.url, config, secret: keys.secret, code });
      }
      return { service: await serveNow(), banner };
    },
    waiting,
  );
  if (!started) return null;
  const { service, banner } = started;
  const restarting = restartOnReplacedLog({
    service,
    store,
    server,
    closed: closed.listener,
    start: async () => {
      await checkLog();
      return serveNow();
    },
    logger,
  });
  if (banner !== null) print(banner);
  void service.ready.then(() => {
    if (!signal.aborted) logger.info('ready');
  });
  return {
    async stop() {
      await restarting.stop();
      await readModel.close();
      await store.close();
    },
  };
}

/**
 * Two servers on one folder would each maintain the other's views. Other commands (import) may run
 * next to a server.
 */
async function leaseOfDataDir(config: Config): Promise<Lease | null> {
  if (!usesDataDir(config)) return null;
  const { dataDir } = config;
  requireDataPlace(config);
  const once = AbortSignal.abort();
  const lease = await openSqliteLeases({ folder: dataDir }).acquire('serve', { signal: once });
  if (!lease) throw new CliError(`DATA_DIR ${dataDir} is in use by another «padron serve»`, EXIT.usage);
  return lease;
}

async function registerDemoPeopleOnce(config: Config, store: EventStore): Promise<void> {
  if (config.eventStoreUrl !== null || !(await isUnused(store))) return;
  const key = await settingsKey({ store, clock: systemClock }, config.reservationKey);
  await registerDemoPeople({ store, key, clock: systemClock });
}

/** Whether no id has ever been allocated. */
async function isUnused(store: EventStore): Promise<boolean> {
  const kinds = ['persona', 'user'] as const;
  const last = await Promise.all(kinds.map((kind) => lastEventOf(store, sequenceStream(kind))));
  return last.every((one) => one === null);
}

/** Aborts at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(logger: Logger): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(EXIT.failed);
      logger.info({ signal }, 'stopping');
      stopping.abort();
    });
  }
  return stopping.signal;
}
