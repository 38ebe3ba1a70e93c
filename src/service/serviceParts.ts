import { reasonOf } from '../platform/padronError.ts';
import type { KeyObject } from 'node:crypto';
import type { Registry } from 'prom-client';
import { createCommandSide, type CommandSide } from '../commands/handling/commandSide.ts';
import { monotonicClock } from '../platform/clock.ts';
import type { createApp } from '../http/app.ts';
import { createClientAddress } from '../http/access/clientAddress.ts';
import { createCors } from '../http/access/cors.ts';
import { createLimits } from '../http/access/limits.ts';
import { networksOf, NO_REQUEST_LIMITS } from '../http/access/limitSettings.ts';
import { watchWaiting } from '../http/metrics/eventLoopMetrics.ts';
import { watchStoresAway } from '../http/metrics/metrics.ts';
import { hashQueue } from '../http/access/passwords.ts';
import { watchProjections } from '../http/metrics/projectionMetrics.ts';
import { createTokenVerifier } from '../http/access/tokens.ts';
import { createConsoleFiles, type LoadConsole } from '../http/pages/consoleFiles.ts';
import { shownOperations } from '../http/pages/shownOperations.ts';
import type { Route } from '../http/route/route.ts';
import type { MaintainedViews } from '../projections/maintaining/maintainViews.ts';
import { createJobs, type Jobs } from '../projections/rebuild/jobs.ts';
import { createParkedSubjects, type ParkedSubjects } from '../projections/parking/createParkedSubjects.ts';
import type { ProjectedView } from '../projections/folding/projection.ts';
import type { ViewDeclaration } from '../projections/record/viewDeclaration.ts';
import { keepVerifying } from '../verify/job/keepVerifying.ts';
import type { ViewsByKind } from '../projections/ports/view.ts';
import { VIEWS } from '../projections/views/allViews.ts';
import { createMoments } from '../roll/moments.ts';
import { DEFAULT_TIME_ZONE } from '../roll/timeZone.ts';
import { createServiceHealth } from '../availability/serviceHealth.ts';
import { watchEventLoop } from '../tracing/eventLoopWatch.ts';
import { underWay } from '../tracing/underWay.ts';
import type { watchStores } from '../availability/watchedStores.ts';
import type { ServiceOptions } from './serviceOptions.ts';
import type { MomentRules } from '../http/requests/moments.ts';

/** The limits of callers, and how their addresses are determined. */
export function accessOf({
  limits = NO_REQUEST_LIMITS,
}: ServiceOptions['config']): Pick<Parameters<typeof createApp>[0], 'limits' | 'clientAddress' | 'cors'> {
  return {
    limits: createLimits(limits.requests, monotonicClock.now),
    clientAddress: createClientAddress(networksOf(limits.trustedProxies)),
    cors: createCors(limits.corsOrigins),
  };
}

/** The jobs and the parked subjects, which operators work with. */
export function createMaintenance(
  { clock, views = VIEWS }: ServiceOptions,
  {
    watched: { store, readModel },
    commands,
    documentViews,
  }: {
    watched: Pick<ReturnType<typeof watchStores>, 'store' | 'readModel'>;
    commands: CommandSide;
    documentViews: ViewsByKind['documentViews'];
  },
): { jobs: Jobs; parking: ParkedSubjects } {
  const jobs = createJobs({
    controls: readModel.controls,
    views: Object.values(views) as ViewDeclaration[],
    now: () => clock.now(),
  });
  const onSkip = (stream: string): void => {
    commands.repository.forget(stream);
  };
  return { jobs, parking: createParkedSubjects({ views: documentViews, readModel, store, clock, onSkip }) };
}

/** The time zone in which dates are read. */
const timeZoneOf = ({ config }: ServiceOptions): string => config.timeZone ?? DEFAULT_TIME_ZONE;

/** The files of the console for these routes. */
export const consoleOf = (options: ServiceOptions, api: readonly Route[]): LoadConsole =>
  options.loadConsole ??
  createConsoleFiles({ timeZone: timeZoneOf(options), operations: shownOperations(api, { isSealed: true }) });

/** The time zone and clock for the moments of rolls. */
export const momentsOf = (options: ServiceOptions): MomentRules => ({
  moments: createMoments(timeZoneOf(options)),
  now: () => Date.parse(options.clock.now()),
});

interface Reported {
  watched: ReturnType<typeof watchStores>;
  projected: readonly ProjectedView[];
  kept: MaintainedViews;
  parking: ParkedSubjects;
  jobs: Jobs;
  registry: Registry;
  eventLoop: ReturnType<typeof watchEventLoop>;
}

/** The health of the service, which its metrics report too. */
export function reportHealth(
  { clock }: ServiceOptions,
  { watched, projected, kept, parking, jobs, registry, eventLoop }: Reported,
): ReturnType<typeof createServiceHealth> {
  const { store, readModel, away } = watched;
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
  watchStoresAway(registry, away);
  watchWaiting(registry, { longestStall: eventLoop.longest, hashQueue });
  watchProjections(registry, {
    viewHealth: async () => (await health.known()).views,
    parkedCounts: () =>
      Promise.all(kept.views.map(async ({ name }) => ({ view: name, count: await parking.count(name) }))),
    jobs: () => jobs.list(),
  });
  return health;
}

/** Reports stalls of the event loop. */
export const watchLoop = ({ clock, logger }: ServiceOptions): ReturnType<typeof watchEventLoop> =>
  watchEventLoop({
    underWay,
    now: () => clock.now(),
    onStall: ({ ms, during }) => {
      logger.warn({ ms: Math.round(ms), during }, 'the event loop stalled');
    },
  });

/** Verifies tokens; logs when the key set cannot be fetched. */
export function tokenVerifier({
  keys,
  config,
  logger,
}: ServiceOptions): ReturnType<typeof createTokenVerifier> {
  const { issuer, audience, leewaySeconds } = config;
  return createTokenVerifier({ keys, issuer, audience, leewaySeconds }, Date.now, ({ message, cause }) => {
    logger.warn(
      { reason: message, cause: (cause as Error | undefined)?.message },
      'cannot fetch the key set',
    );
  });
}

/** Runs the requested verifications, over the stores without the watch: they have their own retries. */
export function startVerifying(
  { store, readModel, clock, verifyWith, logger }: ServiceOptions,
  { key, documentViews, rowViews }: ViewsByKind & { key: KeyObject },
): ReturnType<typeof keepVerifying> {
  return keepVerifying({
    store,
    reservations: createCommandSide({ store, key, clock }).reservations,
    readModel,
    documentViews,
    rowViews,
    clock,
    ...(verifyWith ? { run: verifyWith(key) } : {}),
    onJob: ({ id, kind, state, error, differenceCount }) => {
      logger.info({ job: id, kind, state, error, differenceCount }, 'job');
    },
    onError: (error) => {
      logger.warn({ reason: reasonOf(error) }, 'cannot check for verification jobs');
    },
  });
}
