import Router, { type RouterMiddleware } from '@koa/router';
import { randomUUID } from 'node:crypto';
import Koa, { type Context, type Middleware } from 'koa';
import type { Logger } from 'pino';
import { EventStoreError } from '../events/eventStore.ts';
import { UnknownEventError } from '../events/domainEvent.ts';
import { SYSTEM_ACTOR } from '../events/types.ts';
import { ReadModelError } from '../projections/readModel.ts';
import type { Authorise } from './authorise.ts';
import { readJson } from './body.ts';
import { errorAnswer, Refusal, styleOf, type ErrorStyle } from './errors.ts';
import type { HttpMetrics } from './metrics.ts';
import type { Route } from './route.ts';
import { securityHeaders } from './securityHeaders.ts';
import type { VerifyToken } from './tokens.ts';

export interface AppDependencies {
  routes: readonly Route[];
  verifyToken: VerifyToken;
  authorise: Authorise;
  logger: Logger;
  /** One line a request. */
  accessLogger?: Logger;
  metrics: HttpMetrics;
}

/** What a request carries through the middleware. */
interface RequestState {
  requestId: string;
  correlationId: string;
  /** The route that answers, null while or when there is none. */
  route: Route | null;
}

export const requestState = (ctx: Context): RequestState => ctx.state;

/** The HTTP application, not yet listening. */
export function createApp(dependencies: AppDependencies): Koa {
  const app = new Koa();
  app.silent = true;
  app.use(observe(dependencies));
  app.use(securityHeaders());
  app.use(answerErrors(dependencies.logger));
  app.use(refuseOtherMethods(dependencies.routes));
  const router = new Router();
  for (const route of dependencies.routes) {
    router.register(route.path, [route.method], serve(route, dependencies) as RouterMiddleware);
  }
  app.use(router.routes() as Middleware);
  app.use(refuseUnrouted);
  return app;
}

/** Gives the request its ids, and takes down how it went: the template of its path, never the path. */
function observe({ logger, accessLogger = logger, metrics }: AppDependencies): Middleware {
  return async (ctx, next) => {
    const start = performance.now();
    const state = requestState(ctx);
    state.requestId = idIn(ctx, 'x-request-id') ?? randomUUID();
    state.correlationId = idIn(ctx, 'x-correlation-id') ?? state.requestId;
    state.route = null;
    ctx.set('x-request-id', state.requestId);
    ctx.set('x-correlation-id', state.correlationId);
    await next();
    const ms = performance.now() - start;
    // The router has set it meanwhile.
    const route = requestState(ctx).route?.path ?? 'none';
    metrics.observe(ctx.method, route, ctx.status, ms / 1_000);
    const { requestId } = state;
    accessLogger.info(
      { requestId, method: ctx.method, route, status: ctx.status, ms: Math.round(ms * 10) / 10 },
      'request',
    );
  };
}

function idIn(ctx: Context, header: string): string | null {
  const id = ctx.get(header);
  return /^[A-Za-z0-9._:-]{1,128}$/.test(id) ? id : null;
}

/** The one place where a throw becomes an answer. */
function answerErrors(logger: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const { requestId, route } = requestState(ctx);
      const refusal = refusalOf(error);
      const style: ErrorStyle = route?.style ?? styleOf(ctx.path);
      const answer = errorAnswer(refusal, style);
      // One without a cause is an expected answer: probes ask every few seconds whether a starting instance is ready.
      const isFailure =
        refusal.code === 'internal' || (refusal.code === 'unavailable' && refusal.cause !== undefined);
      if (isFailure) {
        logger.error({ requestId, route: route?.path, reason: reasonOf(refusal.cause) }, 'request failed');
      }
      ctx.status = answer.status;
      ctx.set(answer.headers);
      ctx.body = JSON.stringify(answer.body);
      ctx.type = answer.contentType;
      // The rest of a body that was not read would be taken for the next request.
      if (!ctx.req.complete) ctx.set('connection', 'close');
    }
  };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const outOfReach =
    error instanceof EventStoreError || error instanceof ReadModelError || error instanceof UnknownEventError;
  return new Refusal(outOfReach ? 'unavailable' : 'internal', { cause: error });
}

/** What is told of a failure in the log: names and places, no request data, no driver's text that may quote some. */
function reasonOf(cause: unknown): object | null {
  if (!(cause instanceof Error)) return null;
  const inner = cause.cause instanceof Error ? cause.cause : null;
  const code = (inner as { code?: unknown } | null)?.code ?? null;
  const at =
    cause.stack
      ?.split('\n')
      .find((line) => /^\s+at /.test(line))
      ?.trim() ?? null;
  const isOurs =
    cause instanceof EventStoreError || cause instanceof ReadModelError || cause instanceof UnknownEventError;
  return {
    name: cause.name,
    ...(isOurs ? { message: cause.message } : {}),
    inner: inner?.name ?? null,
    code,
    at,
  };
}

/** The order of checks: token, role, content type, size, JSON, schema, and then what the handler finds (contract, section 2). */
function serve(route: Route, { verifyToken, authorise }: AppDependencies): Middleware {
  return async (ctx) => {
    requestState(ctx).route = route;
    const actor = route.roles ? await authorise(await verifyToken(ctx), route.roles) : SYSTEM_ACTOR;
    const body = route.body ? await checkedBody(ctx, route.body) : undefined;
    await route.handle({ ctx, body, actor });
  };
}

async function checkedBody(ctx: Context, { check }: NonNullable<Route['body']>): Promise<unknown> {
  const checked = check(await readJson(ctx));
  if ('faults' in checked) throw new Refusal('invalid', { faults: checked.faults });
  return checked.body;
}

/**
 * A path that is spelled out takes the methods it is declared with, even where it would fit a parameter too: GET /users/edit is a
 * wrong method, not the question for a user with the DNI «edit».
 */
function refuseOtherMethods(routes: readonly Route[]): Middleware {
  const allowed = new Map<string, Set<string>>();
  for (const { path, method } of routes.filter((one) => !one.path.includes(':'))) {
    const methods = allowed.get(path) ?? new Set();
    allowed.set(path, methods.add(method));
    if (method === 'GET') methods.add('HEAD');
  }
  return async (ctx, next) => {
    const methods = allowed.get(ctx.path);
    if (methods && !methods.has(ctx.method)) refuseMethod(ctx, methods);
    await next();
  };
}

function refuseMethod(ctx: Context, allowed: Iterable<string>): never {
  ctx.set('allow', [...new Set(allowed)].sort().join(', '));
  throw new Refusal('method-not-allowed');
}

/** 405 where the path is known under another method, 404 where it is not: both before any token. */
const refuseUnrouted: Middleware = (ctx) => {
  const matched = (ctx as { matched?: { methods: string[] }[] }).matched ?? [];
  if (matched.length === 0) throw new Refusal('no-such-path');
  refuseMethod(
    ctx,
    matched.flatMap(({ methods }) => methods),
  );
};
