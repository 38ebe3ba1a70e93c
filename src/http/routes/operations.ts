import type { Registry } from 'prom-client';
import type { Health } from '../../availability/serviceHealth.ts';
import type { Stall } from '../../tracing/eventLoopWatch.ts';
import { STORE_NAMES, type StoresAway } from '../../availability/watchedStores.ts';
import { answerRevalidated, staticText, type StaticText } from '../answers/staticText.ts';
import { PROBLEM, RequestError } from '../errors/errors.ts';
import { openApiDocument } from '../openapi/openapi.ts';
import { ifNoneMatchParameter } from '../requests/parameters.ts';
import { route, type Route } from '../route/route.ts';
import { exactly } from '../../presentation/schemas.ts';

/**
 * A view with more lag than this, in seconds, makes the service «degraded»: it still answers
 * everything.
 */
const DEGRADED_LAG_SECONDS = 5;

const OPEN = { method: 'GET', needs: 'nothing', tag: 'operations', roles: null, style: PROBLEM } as const;

export interface Operations {
  registry: Registry;
  /**
   * Whether requests are accepted: false until every view has caught up for the first time, and
   * while draining.
   */
  isReady(): boolean;
  /** The known state of the service; resolves within a moment, whatever the stores do. */
  health(): Promise<Health>;
  /** The longest stall of the event loop in the last minute; null while unknown. */
  longestStall(): Stall | null;
}

/** The open routes: health, metrics, and the description of `described` and itself. */
export function operationsRoutes(
  { registry, isReady, health, longestStall }: Operations,
  described: readonly Route[],
): Route[] {
  const live = route({
    ...OPEN,
    path: '/health/live',
    operationId: 'getLiveness',
    summary: 'Check whether the process runs',
    answer: { status: 200, description: 'It does.', schema: exactly({ status: { const: 'ok' } }) },
    refusals: [],
    handle: async ({ ctx }) => {
      ctx.body = { status: 'ok' };
    },
  });

  const ready = route({
    ...OPEN,
    path: '/health/ready',
    operationId: 'getReadiness',
    summary: 'Check whether requests are accepted',
    answer: {
      status: 200,
      description:
        'Requests are accepted; `degraded` if a view is behind or a store is away. `writes` is present while the event store is away, `lists` while the ' +
        'read model is. `eventLoop` has the longest stall of the last minute, in which no request was processed, and the work in progress then.',
      schema: readinessSchema,
    },
    refusals: ['unavailable'],
    handle: async ({ ctx }) => {
      if (!isReady()) throw new RequestError('unavailable');
      const { views, away } = await health();
      const stall = longestStall();
      const isLevel = views.every(
        ({ state, lagSeconds }) => state === 'live' && lagSeconds < DEGRADED_LAG_SECONDS,
      );
      ctx.body = {
        status: isLevel && !away.eventStore && !away.readModel ? 'ready' : 'degraded',
        ...(away.eventStore && { writes: 'unavailable' }),
        ...(away.readModel && { lists: 'unavailable' }),
        ...((away.eventStore ?? away.readModel) && { away: shownAway(away) }),
        views: views.map(({ name, state, lagSeconds }) => ({ name, state, lagSeconds })),
        ...(stall && { eventLoop: shownStall(stall) }),
      };
    },
  });

  const metrics = route({
    ...OPEN,
    path: '/metrics',
    operationId: 'getMetrics',
    summary: 'Get metrics for Prometheus',
    answer: {
      status: 200,
      description: 'The metrics.',
      schema: { type: 'string', examples: ['padron_projection_lag_seconds{view="users"} 0\n'] },
      contentType: 'text/plain',
    },
    refusals: ['unavailable'],
    handle: async ({ ctx }) => {
      ctx.body = await registry.metrics();
      ctx.set('content-type', registry.contentType);
    },
  });

  const description = route({
    ...OPEN,
    path: '/openapi.json',
    operationId: 'getOpenApi',
    summary: 'This description',
    answer: {
      status: 200,
      description: 'An OpenAPI 3.1 document.',
      schema: { type: 'object', examples: [{ openapi: '3.1.0' }] },
      headers: ['ETag'],
    },
    parameters: [ifNoneMatchParameter],
    refusals: ['unavailable'],
    handle: async ({ ctx }) => {
      await answerRevalidated(ctx, await describeRoutes());
    },
  });

  const routes = [live, ready, metrics, description];
  let text: Promise<StaticText> | null = null;
  /** Made when it is first requested: that takes some 35 ms and 20 MiB. */
  const describeRoutes = (): Promise<StaticText> =>
    (text ??= openApiDocument([...described, ...routes]).then((document) =>
      staticText(JSON.stringify(document), 'application/json; charset=utf-8'),
    ));
  return routes;
}

/** The stores that are away, each with the instant since when. */
const shownAway = (away: StoresAway): object[] =>
  (['eventStore', 'readModel'] as const).flatMap((one) => {
    const since = away[one]?.since;
    return since === undefined ? [] : [{ store: STORE_NAMES[one], since }];
  });

const shownStall = ({ ms, at, during }: Stall): object => ({ longestStallMs: Math.round(ms), at, during });

const unavailable = { const: 'unavailable' };

const readinessSchema = {
  ...exactly({
    status: { enum: ['ready', 'degraded'] },
    views: {
      type: 'array',
      items: exactly({
        name: { type: 'string' },
        state: { enum: ['live', 'catching-up', 'paused', 'stalled'] },
        lagSeconds: { type: 'number' },
      }),
    },
    eventLoop: exactly({
      longestStallMs: { type: 'integer', minimum: 0 },
      at: { type: 'string', format: 'date-time' },
      during: { type: 'array', items: { type: 'string' } },
    }),
    writes: unavailable,
    lists: unavailable,
    away: {
      type: 'array',
      items: exactly({
        store: { enum: Object.values(STORE_NAMES) },
        since: { type: 'string', format: 'date-time' },
      }),
    },
  }),
  required: ['status', 'views'],
};
