import { reasonOf } from '../platform/padronError.ts';
import type { RequestListener } from 'node:http';
import { createCommandSide } from '../commands/handling/commandSide.ts';
import { monotonicClock } from '../platform/clock.ts';
import { derivedKey } from '../events/identifiers.ts';
import { settingsKey } from '../events/bookkeeping/settings.ts';
import { createHistory } from '../history/history.ts';
import { createApp } from '../http/app.ts';
import { createAuthorise } from '../http/access/authorise.ts';
import { bodyKeysOf } from '../http/requests/commandRequest.ts';
import { createHistoryReadLog } from '../http/routes/history/historyReads.ts';
import { createClientAddress } from '../http/access/clientAddress.ts';
import { createCors } from '../http/access/cors.ts';
import { createLimits } from '../http/access/limits.ts';
import { networksOf, NO_REQUEST_LIMITS } from '../http/access/limitSettings.ts';
import { watchWaiting } from '../http/metrics/eventLoopMetrics.ts';
import { createMetrics, watchServer, watchStoresAway } from '../http/metrics/metrics.ts';
import { hashQueue } from '../http/access/passwords.ts';
import { watchProjections } from '../http/metrics/projectionMetrics.ts';
import { pageRoutes } from '../http/pages/pageRoutes.ts';
import { allRoutes } from '../http/allRoutes.ts';
import { listen } from '../http/server/server.ts';
import { createTokenVerifier } from '../http/access/tokens.ts';
import { createDocuments, type Documents } from '../projections/reading/documents.ts';
import { maintainViews } from '../projections/maintaining/maintainViews.ts';
import { waitUntilCaughtUpOrBlocked } from '../projections/maintaining/waitUntilCaughtUpOrBlocked.ts';
import { createJobs } from '../projections/rebuild/jobs.ts';
import { createParkedSubjects } from '../projections/parking/createParkedSubjects.ts';
import type { ViewDeclaration } from '../projections/record/viewDeclaration.ts';
import { keepVerifying } from '../verify/job/keepVerifying.ts';
import type { DocumentView } from '../projections/ports/view.ts';
import { projectedViews, VIEWS } from '../projections/views/allViews.ts';
import { createMoments, DEFAULT_TIME_ZONE } from '../roll/moments.ts';
import { createNamedRollService } from '../roll/named/namedRollService.ts';
import { createRollReaders } from '../roll/reading/rollReaders.ts';
import { createServiceHealth } from '../availability/serviceHealth.ts';
import { watchEventLoop } from '../tracing/eventLoopWatch.ts';
import { underWay } from '../tracing/underWay.ts';
import { watchStores } from '../availability/watchedStores.ts';
import type { ServiceOptions, Service } from './serviceOptions.ts';

/**
 * Assembles the service over two open stores and listens. Rejects with SettingsMismatchError for a
 * wrong RESERVATION_KEY, with the system's error if the port is taken, with EventStoreError or
 * ReadModelError if a store does not answer. Nothing has been started then, and it may be called
 * again.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, keys, clock, logger, accessLogger = logger, views = VIEWS, keep = maintainViews } = options;
  const { limits = NO_REQUEST_LIMITS } = config;
  const key = await settingsKey(options, config.reservationKey);
  const head = await options.store.head();
  // Requests go through the watch; view maintenance and verification have their own retries.
  const watched = watchStores(options, { now: () => clock.now(), logger, probed: views.users });
  const { store, readModel, away } = watched;
  const eventLoop = watchEventLoop({
    underWay,
    now: () => clock.now(),
    onStall: ({ ms, during }) => {
      logger.warn({ ms: Math.round(ms), during }, 'the event loop stalled');
    },
  });
  const stopWatching = (error: unknown): never => {
    watched.stop();
    eventLoop.stop();
    throw error;
  };
  const isEventStoreAway = (): boolean => away().eventStore !== null;
  const commands = createCommandSide({ store, key, clock });

  const jobs = createJobs({
    controls: readModel.controls,
    views: Object.values(views) as ViewDeclaration[],
    now: () => clock.now(),
  });
  const documentViews = [views.personas, views.users] as DocumentView<object>[];
  const onSkip = (stream: string): void => {
    commands.repository.forget(stream);
  };
  const parking = createParkedSubjects({ views: documentViews, readModel, store, clock, onSkip });

  let isReady = false;
  const stopping = new AbortController();
  const metrics = createMetrics();
  const { issuer, audience, leewaySeconds } = config;
  const verifyToken = createTokenVerifier(
    { keys, issuer, audience, leewaySeconds },
    Date.now,
    ({ message, cause }) => {
      logger.warn(
        { reason: message, cause: (cause as Error | undefined)?.message },
        'cannot fetch the key set',
      );
    },
  );
  const noteRead = createHistoryReadLog(logger);
  const history = createHistory({
    rows: readModel.shownRows(views.history),
    key: derivedKey(key, 'history cursors'),
    clock,
    longestWaitMs: config.readYourWritesMs,
    startedAt: head,
    isEventStoreAway,
  });
  const documentsOf = <Body extends object>(view: DocumentView<Body>): Documents<Body> =>
    createDocuments({
      view,
      viewReader: readModel.shown(view),
      ...commands,
      store,
      clock,
      longestWaitMs: config.readYourWritesMs,
      startedAt: head,
      isEventStoreAway,
      onNote: history.note,
    });
  const users = documentsOf(views.users);
  const rolls = createRollReaders({ readModel, views, store, clock, longestWaitMs: config.readYourWritesMs });
  const app = createApp({
    routes: allRoutes({
      commands,
      store,
      history,
      key: bodyKeysOf(key),
      noteRead,
      logger,
      personas: documentsOf(views.personas),
      users,
      rolls,
      named: createNamedRollService({ store, key, clock, readers: rolls }),
      moments: {
        moments: createMoments(config.timeZone ?? DEFAULT_TIME_ZONE),
        now: () => Date.parse(clock.now()),
      },
      cursorKey: derivedKey(key, 'roll cursors'),
      isEventStoreAway,
      jobs,
      parking,
      viewStatus: () => health.viewStatus(),
      stopping: stopping.signal,
      operations: {
        registry: metrics.registry,
        isReady: () => isReady,
        health: () => health.known(),
        longestStall: eventLoop.longest,
      },
    }).concat(pageRoutes(options.signIn)),
    verifyToken,
    authorise: createAuthorise({ repository: commands.repository, users }),
    logger,
    accessLogger,
    metrics,
    away,
    limits: createLimits(limits.requests, monotonicClock.now),
    clientAddress: createClientAddress(networksOf(limits.trustedProxies)),
    cors: createCors(limits.corsOrigins),
  });
  const callback = app.callback();
  const answer: RequestListener = (request, response) => void callback(request, response);
  const server = options.server ?? (await listen({ ...config, logger }, answer).catch(stopWatching));
  watchServer(metrics.registry, server.refusals);

  const projected = projectedViews(views);
  const kept = keep({ views: projected, readModel: options.readModel, store: options.store, clock, logger });
  const health = createServiceHealth({
    views: kept.views.map((view, index) => ({
      ...view,
      projection: projected[index]?.shown(readModel) ?? view.projection,
    })),
    store,
    controls: readModel.controls,
    parking,
    away,
    now: () => clock.now(),
  });
  watchStoresAway(metrics.registry, away);
  watchWaiting(metrics.registry, { longestStall: eventLoop.longest, hashQueue });
  watchProjections(metrics.registry, {
    viewHealth: async () => (await health.known()).views,
    parkedCounts: () =>
      Promise.all(kept.views.map(async ({ name }) => ({ view: name, count: await parking.count(name) }))),
    jobs: () => jobs.list(),
  });

  const verifying = keepVerifying({
    store: options.store,
    reservations: createCommandSide({ store: options.store, key, clock }).reservations,
    readModel: options.readModel,
    documentViews,
    rowViews: [views.history],
    clock,
    ...(options.verifyWith ? { run: options.verifyWith(key) } : {}),
    onJob: ({ id, kind, state, error, differenceCount }) => {
      logger.info({ job: id, kind, state, error, differenceCount }, 'job');
    },
    onError: (error) => {
      logger.warn({ reason: reasonOf(error) }, 'cannot check for verification jobs');
    },
  });

  const ready = Promise.all(
    kept.views.map((view) => waitUntilCaughtUpOrBlocked({ view, head, clock, signal: stopping.signal })),
  ).then(() => {
    isReady = !stopping.signal.aborted;
  });
  server.answerWith(answer);

  async function suspend(): Promise<void> {
    isReady = false;
    stopping.abort();
    watched.stop();
    eventLoop.stop();
    await Promise.all([kept.stop(), verifying.stop()]);
    await ready;
  }

  async function stop(): Promise<void> {
    isReady = false;
    stopping.abort();
    await server.stop();
    await suspend();
  }

  return { url: server.url, commands, jobs, parking, ready, stop, suspend };
}
