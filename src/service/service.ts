import type { RequestListener } from 'node:http';
import { createCommandSide } from '../commands/handling/commandSide.ts';
import { derivedKey } from '../events/identifiers.ts';
import { settingsKey } from '../events/bookkeeping/settings.ts';
import { createApp } from '../http/app.ts';
import { createAuthorise } from '../http/access/authorise.ts';
import { bodyKeysOf } from '../http/requests/commandRequest.ts';
import { createHistoryReadLog } from '../http/routes/history/historyReads.ts';
import { createMetrics, watchServer } from '../http/metrics/metrics.ts';
import { pageRoutes } from '../http/pages/pageRoutes.ts';
import { allRoutes } from '../http/allRoutes.ts';
import { listen } from '../http/server/server.ts';
import { maintainViews } from '../projections/maintaining/maintainViews.ts';
import { waitUntilCaughtUp } from '../projections/following/waitUntilCaughtUp.ts';
import { isBlocked } from '../projections/record/followerStatus.ts';
import { projectedViews, VIEWS, viewsByKind } from '../projections/views/allViews.ts';
import { createNamedRollService } from '../roll/named/namedRollService.ts';
import { rollWorkHere } from '../roll/wholeRoll/rollWork.ts';
import { watchStores } from '../availability/watchedStores.ts';
import { createListImports } from './listImports.ts';
import { createReadSide } from './readSide.ts';
import { serviceErasures } from './serviceErasures.ts';
import type { ServiceOptions, Service } from './serviceOptions.ts';
import {
  accessOf,
  consoleOf,
  createMaintenance,
  momentsOf,
  reportHealth,
  startVerifying,
  tokenVerifier,
  watchLoop,
} from './serviceParts.ts';

/**
 * Assembles the service over two open stores and listens. Rejects with SettingsMismatchError for a
 * wrong RESERVATION_KEY, with the system's error if the port is taken, with EventStoreError or
 * ReadModelError if a store does not answer. Nothing has been started then, and it may be called
 * again.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, clock, logger, accessLogger = logger, views = VIEWS, keep = maintainViews } = options;
  const key = await settingsKey(options, config.reservationKey);
  const head = await options.store.head();
  // Requests go through the watch; view maintenance and verification have their own retries.
  const watched = watchStores(options, { now: () => clock.now(), logger, probed: views.users });
  const { store, away } = watched;
  const eventLoop = watchLoop(options);
  const stopWatching = (error: unknown): never => {
    watched.stop();
    eventLoop.stop();
    throw error;
  };
  const isEventStoreAway = (): boolean => away().eventStore !== null;
  const commands = createCommandSide({ store, key, clock });

  const { documentViews, rowViews } = viewsByKind(views);
  const { jobs, parking } = createMaintenance(options, { watched, commands, documentViews });

  let isReady = false;
  const stopping = new AbortController();
  const metrics = createMetrics();
  const reads = createReadSide(options, { ...watched, commands, key, startedAt: head });
  const rollThread = options.rollWith?.();
  const doRollWork = rollThread?.doWork ?? rollWorkHere(reads.rolls);
  const erasures = serviceErasures(options, { ...watched, ...reads, commands });
  const imports = createListImports(options, key, metrics.registry);
  const routes = () => {
    const api = allRoutes({
      commands,
      store,
      ...reads,
      key: bodyKeysOf(key),
      noteRead: createHistoryReadLog(logger),
      logger,
      named: createNamedRollService({ store, key, clock, readers: reads.rolls, doWork: doRollWork }),
      doRollWork,
      moments: momentsOf(options),
      cursorKey: derivedKey(key, 'roll cursors'),
      isEventStoreAway,
      jobs,
      imports: imports.parts,
      parking,
      erasures,
      viewStatus: () => health.viewStatus(),
      stopping: stopping.signal,
      operations: {
        registry: metrics.registry,
        isReady: () => isReady,
        health: () => health.known(),
        longestStall: eventLoop.longest,
      },
    });
    return [...api, ...pageRoutes({ loadConsole: consoleOf(options, api), signIn: options.signIn })];
  };
  const app = createApp({
    routes: routes(),
    verifyToken: tokenVerifier(options),
    authorise: createAuthorise({ repository: commands.repository, users: reads.users }),
    logger,
    accessLogger,
    metrics,
    away,
    ...accessOf(config),
  });
  const callback = app.callback();
  const answer: RequestListener = (request, response) => void callback(request, response);
  const server = options.server ?? (await listen({ ...config, logger }, answer).catch(stopWatching));
  watchServer(metrics.registry, server.refusals);

  const projected = projectedViews(views);
  const kept = keep({ views: projected, readModel: options.readModel, store: options.store, clock, logger });
  const health = reportHealth(options, { watched, projected, kept, parking, jobs, eventLoop, ...metrics });
  /** The background work, which runs until the service is suspended. */
  const working = [
    startVerifying(options, { key, documentViews, rowViews }),
    erasures.follow(),
    imports.start(),
    ...(rollThread ? [rollThread] : []),
    kept,
  ];

  const ready = Promise.all(
    kept.views.map(({ projection, runner }) =>
      waitUntilCaughtUp(projection, head, clock, stopping.signal, () => isBlocked(runner.status())),
    ),
  ).then(() => {
    isReady = !stopping.signal.aborted;
  });
  server.answerWith(answer);

  async function suspend(): Promise<void> {
    isReady = false;
    stopping.abort();
    watched.stop();
    eventLoop.stop();
    await Promise.all(working.map((one) => one.stop()));
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
