import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createCommandSide, type CommandSide } from './commands/commandSide.ts';
import type { Config } from './config.ts';
import type { Clock } from './events/clock.ts';
import type { EventStore } from './events/eventStore.ts';
import { settingsKey } from './events/settings.ts';
import { createHistory } from './history/history.ts';
import { createApp } from './http/app.ts';
import { createAuthorise } from './http/authorise.ts';
import { historyRoutes } from './http/history.ts';
import { createHistoryReadLog } from './http/historyReads.ts';
import { createMetrics } from './http/metrics.ts';
import { operationsRoutes } from './http/operations.ts';
import { personaRoutes } from './http/personas.ts';
import { answerUnparsed } from './http/unparsed.ts';
import { createTokenVerifier, type TokenRules } from './http/tokens.ts';
import { userRoutes } from './http/users.ts';
import { createDocuments, type Documents } from './projections/documents.ts';
import { history as historyView } from './projections/history.ts';
import { healthOf, type LiveView } from './projections/lag.ts';
import { levelWith } from './projections/levelWith.ts';
import { personas } from './projections/personas.ts';
import type { ReadModel, ViewDeclaration } from './projections/readModel.ts';
import { documentProjection, rowProjection, type Projection } from './projections/projection.ts';
import { runView } from './projections/runner.ts';
import { users } from './projections/users.ts';
import type { DocumentView } from './projections/view.ts';

/** How long requests under way may take to end when the service stops, in milliseconds. */
const DRAIN_MS = 10_000;
/** How often connections that have become idle are closed meanwhile. */
const CLOSE_IDLE_MS = 20;

export interface ServiceOptions {
  config: Pick<Config, 'host' | 'port' | 'issuer' | 'audience' | 'reservationKey' | 'readYourWritesMs'>;
  keys: TokenRules['keys'];
  store: EventStore;
  readModel: ReadModel;
  clock: Clock;
  logger: Logger;
  /** Where the line of each request goes; left out: to `logger`. */
  accessLogger?: Logger;
}

export interface Service {
  /** Where it listens. */
  url: string;
  commands: CommandSide;
  /** Settles when every view has reached the head that the log had at the start. */
  ready: Promise<void>;
  /** Takes no more requests, ends those under way, stops the projections. Leaves the stores open: they are the caller's. */
  stop(): Promise<void>;
}

/**
 * Puts the engine together over two open stores and listens. Rejects with SettingsMismatchError for a wrong
 * RESERVATION_KEY, with the system's error when the port is taken.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, keys, store, readModel, clock, logger, accessLogger = logger } = options;
  const key = await settingsKey({ store, clock }, config.reservationKey);
  const commands = createCommandSide({ store, key, clock });
  const head = await store.head();

  function follow({ name, version }: ViewDeclaration, projection: Projection): LiveView {
    const runner = runView({
      projection,
      store,
      clock,
      onChange: ({ state, lastError }) => {
        logger.warn({ view: name, state, lastError }, 'projection changed state');
      },
    });
    return { name, version, projection, runner };
  }

  async function followDocuments<Body extends object>(
    view: DocumentView<Body>,
  ): Promise<{ live: LiveView; documents: Documents<Body> }> {
    const viewStore = await readModel.open(view);
    const live = follow(view, documentProjection(view, viewStore, store));
    const documents = createDocuments({
      view,
      viewStore,
      repository: commands.repository,
      clock,
      longestWaitMs: config.readYourWritesMs,
    });
    return { live, documents };
  }

  const personView = await followDocuments(personas);
  const userView = await followDocuments(users);
  const rowStore = await readModel.openRows(historyView);
  const views = [personView.live, userView.live, follow(historyView, rowProjection(historyView, rowStore))];

  let isReady = false;
  const stopping = new AbortController();
  const ready = Promise.all(
    views.map(({ projection }) => levelWith(projection, head, clock, stopping.signal)),
  ).then(() => {
    isReady = !stopping.signal.aborted;
  });

  const metrics = createMetrics();
  const viewHealth = (): Promise<Awaited<ReturnType<typeof healthOf>>[]> =>
    Promise.all(views.map((view) => healthOf(view, store, clock.now())));
  metrics.watchLag(async () =>
    (await viewHealth()).map(({ name, lagSeconds }) => ({ view: name, seconds: lagSeconds })),
  );

  const history = createHistory({ rowStore, key, clock, longestWaitMs: config.readYourWritesMs });
  const noteRead = createHistoryReadLog(logger);
  const described = [
    ...personaRoutes({ commands, store, documents: personView.documents, key, noteRead }),
    ...userRoutes({ commands, store, documents: userView.documents, key, noteRead }),
    ...historyRoutes({ commands, store, history, noteRead, logger }),
  ];
  const operations = { registry: metrics.registry, isReady: () => isReady, viewHealth };
  const app = createApp({
    routes: [...described, ...operationsRoutes(operations, described)],
    verifyToken: createTokenVerifier({ keys, issuer: config.issuer, audience: config.audience }, Date.now),
    authorise: createAuthorise(commands),
    logger,
    accessLogger,
    metrics,
  });
  const answer = app.callback();
  const server = createServer((request, response) => {
    if (stopping.signal.aborted) response.setHeader('connection', 'close');
    void answer(request, response);
  });
  answerUnparsed(server);
  try {
    await listen(server, config);
  } catch (error) {
    stopping.abort();
    await Promise.all(views.map(({ runner }) => runner.stop()));
    throw error;
  }

  async function stop(): Promise<void> {
    isReady = false;
    stopping.abort();
    await drain(server);
    await Promise.all(views.map(({ runner }) => runner.stop()));
    await ready;
  }

  return { url: urlOf(server), commands, ready, stop };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** Ends when the last request under way has been answered, or after DRAIN_MS. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => {
      server.closeAllConnections();
    }, DRAIN_MS);
    // A connection whose last answer went out after the signal would be kept alive for five seconds more.
    const tidy = setInterval(() => {
      server.closeIdleConnections();
    }, CLOSE_IDLE_MS);
    server.close(() => {
      clearTimeout(giveUp);
      clearInterval(tidy);
      resolve();
    });
    server.closeIdleConnections();
  });
}
