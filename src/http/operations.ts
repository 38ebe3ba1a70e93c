import type { Registry } from 'prom-client';
import type { ViewHealth } from '../projections/lag.ts';
import { answerJsonText } from './answers.ts';
import { PROBLEM, Refusal } from './errors.ts';
import { openApiDocument } from './openapi.ts';
import { route, type Route } from './route.ts';
import { exactly } from './schemas.ts';

/** A view that is further behind than this, in seconds, makes the service «degraded»: it still answers everything. */
const DEGRADED_LAG_SECONDS = 5;

const style = PROBLEM;

export interface Operations {
  registry: Registry;
  /** Whether requests are taken: false before every view has caught up for the first time, and while draining. */
  isReady(): boolean;
  /** Rejects when the event store is out of reach. */
  viewHealth(): Promise<ViewHealth[]>;
}

/** The open routes: health, metrics and the description of the API, made of `described` and itself. */
export function operationsRoutes(
  { registry, isReady, viewHealth }: Operations,
  described: readonly Route[],
): Route[] {
  const live = route({
    method: 'GET',
    path: '/health/live',
    operationId: 'getLiveness',
    summary: 'Whether the process runs',
    tag: 'operations',
    roles: null,
    answer: { status: 200, description: 'It does.', schema: exactly({ status: { const: 'ok' } }) },
    refusals: [],
    style,
    handle: async ({ ctx }) => {
      ctx.body = { status: 'ok' };
    },
  });

  const ready = route({
    method: 'GET',
    path: '/health/ready',
    operationId: 'getReadiness',
    summary: 'Whether requests are taken',
    tag: 'operations',
    roles: null,
    answer: {
      status: 200,
      description: 'They are; `degraded` when a view is behind.',
      schema: exactly({
        status: { enum: ['ready', 'degraded'] },
        views: {
          type: 'array',
          items: exactly({
            name: { type: 'string' },
            state: { enum: ['live', 'catching-up', 'paused', 'stalled'] },
            lagSeconds: { type: 'number' },
          }),
        },
      }),
    },
    refusals: ['unavailable'],
    style,
    handle: async ({ ctx }) => {
      if (!isReady()) throw new Refusal('unavailable');
      const views = await viewHealth();
      const isLevel = views.every(
        ({ state, lagSeconds }) => state === 'live' && lagSeconds < DEGRADED_LAG_SECONDS,
      );
      ctx.body = {
        status: isLevel ? 'ready' : 'degraded',
        views: views.map(({ name, state, lagSeconds }) => ({ name, state, lagSeconds })),
      };
    },
  });

  const metrics = route({
    method: 'GET',
    path: '/metrics',
    operationId: 'getMetrics',
    summary: 'Metrics for Prometheus',
    tag: 'operations',
    roles: null,
    answer: {
      status: 200,
      description: 'The metrics.',
      schema: { type: 'string' },
      contentType: 'text/plain',
    },
    refusals: [],
    style,
    handle: async ({ ctx }) => {
      ctx.body = await registry.metrics();
      ctx.set('content-type', registry.contentType);
    },
  });

  const description = route({
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    summary: 'This description',
    tag: 'operations',
    roles: null,
    answer: { status: 200, description: 'An OpenAPI 3.1 document.', schema: { type: 'object' } },
    refusals: [],
    style,
    handle: async ({ ctx }) => {
      answerJsonText(ctx, document);
    },
  });

  const routes = [live, ready, metrics, description];
  const document = JSON.stringify(openApiDocument([...described, ...routes]));
  return routes;
}
