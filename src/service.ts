import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import { createCommandSide, type CommandSide } from './commands/commandSide.ts';
import type { Config } from './config.ts';
import type { Clock } from './events/clock.ts';
import type { EventStore } from './events/eventStore.ts';
import { settingsKey } from './events/settings.ts';
import { createHistory } from './history/history.ts';
import { createApp } from './http/app.ts';
import { createAuthorise } from './http/authorise.ts';
import { createHistoryReadLog } from './http/historyReads.ts';
import { createMetrics } from './http/metrics.ts';
import { allRoutes } from './http/routes.ts';
import { listen, type HttpServer } from './http/server.ts';
import { createTokenVerifier, type TokenRules } from './http/tokens.ts';
import { createDocuments, type Documents } from './projections/documents.ts';
import { history as historyView } from './projections/history.ts';
import { healthOf, type LiveView, type ViewHealth } from './projections/lag.ts';
import { lead } from './projections/lead.ts';
import { levelWith } from './projections/levelWith.ts';
import { personas } from './projections/personas.ts';
import type { ReadModel, ViewDeclaration, ViewStore } from './projections/readModel.ts';
import { documentProjection, rowProjection, type Projection } from './projections/projection.ts';
import { runView, type Runner } from './projections/runner.ts';
import { users } from './projections/users.ts';
import type { DocumentView } from './projections/view.ts';

export interface ServiceOptions {
  config: Pick<Config, 'host' | 'port' | 'issuer' | 'audience' | 'reservationKey' | 'readYourWritesMs'>;
  keys: TokenRules['keys'];
  store: EventStore;
  readModel: ReadModel;
  clock: Clock;
  logger: Logger;
  /** Where the line of each request goes; left out: to `logger`. */
  accessLogger?: Logger;
  /** A server that listens already; left out: one is opened on `config.port`. Stopped with the service. */
  server?: HttpServer;
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
 * RESERVATION_KEY, with the system's error when the port is taken, with EventStoreError or ReadModelError when a store does not
 * answer: nothing has been started then, and it may be called again.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, keys, store, readModel, clock, logger, accessLogger = logger } = options;
  const key = await settingsKey({ store, clock }, config.reservationKey);
  const commands = createCommandSide({ store, key, clock });
  const head = await store.head();
  const personaStore = await readModel.open(personas);
  const userStore = await readModel.open(users);
  const rowStore = await readModel.openRows(historyView);

  let isReady = false;
  const metrics = createMetrics();
  const verifyToken = createTokenVerifier(
    { keys, issuer: config.issuer, audience: config.audience },
    Date.now,
  );
  const noteRead = createHistoryReadLog(logger);
  const history = createHistory({ rowStore, key, clock, longestWaitMs: config.readYourWritesMs });
  const documentsOf = <Body extends object>(
    view: DocumentView<Body>,
    viewStore: ViewStore,
  ): Documents<Body> =>
    createDocuments({
      view,
      viewStore,
      repository: commands.repository,
      clock,
      longestWaitMs: config.readYourWritesMs,
    });
  const app = createApp({
    routes: allRoutes({
      commands,
      store,
      history,
      key,
      noteRead,
      logger,
      personas: documentsOf(personas, personaStore),
      users: documentsOf(users, userStore),
      operations: { registry: metrics.registry, isReady: () => isReady, viewHealth },
    }),
    verifyToken,
    authorise: createAuthorise(commands),
    logger,
    accessLogger,
    metrics,
  });
  const callback = app.callback();
  const answer: RequestListener = (request, response) => void callback(request, response);
  const server = options.server ?? (await listen(config, answer));

  function follow({ name, version }: ViewDeclaration, projection: Projection): LiveView {
    const run = (): Runner =>
      runView({
        projection,
        store,
        clock,
        onChange: ({ state, lastError }) => {
          logger.warn({ view: name, state, lastError }, 'projection changed state');
        },
      });
    const runner = lead({
      name: `${name}-v${version}`,
      leases: readModel.leases,
      run,
      view: projection,
      store,
      onLead: (fence) => {
        logger.info(
          { view: name, fence },
          fence === null ? 'stands by for the projection' : 'runs the projection',
        );
      },
    });
    return { name, version, projection, runner };
  }

  const views = [
    follow(personas, documentProjection(personas, personaStore, store)),
    follow(users, documentProjection(users, userStore, store)),
    follow(historyView, rowProjection(historyView, rowStore)),
  ];
  async function viewHealth(): Promise<ViewHealth[]> {
    return Promise.all(views.map((view) => healthOf(view, store, clock.now())));
  }
  metrics.watchLag(async () =>
    (await viewHealth()).map(({ name, lagSeconds }) => ({ view: name, seconds: lagSeconds })),
  );

  const stopping = new AbortController();
  const ready = Promise.all(
    views.map(({ projection }) => levelWith(projection, head, clock, stopping.signal)),
  ).then(() => {
    isReady = !stopping.signal.aborted;
  });
  server.answerWith(answer);

  async function stop(): Promise<void> {
    isReady = false;
    stopping.abort();
    await server.stop();
    await Promise.all(views.map(({ runner }) => runner.stop()));
    await ready;
  }

  return { url: server.url, commands, ready, stop };
}
