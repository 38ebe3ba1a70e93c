import { PadronError } from '../padronError.ts';
import Router, { type Layer, type RouterMiddleware } from '@koa/router';
import Koa, { type Context } from 'koa';
import type { Logger } from 'pino';
import { isOutOfReach } from '../outOfReach.ts';
import { UnknownEventError } from '../events/domainEvent.ts';
import { SYSTEM_ACTOR } from '../events/types.ts';
import { timeOrderedId } from '../timeOrderedId.ts';
import type { Authorise } from './authorise.ts';
import { readJson } from './body.ts';
import { errorAnswer, Refusal, styleOf, type ErrorStyle } from './errors.ts';
import type { HttpMetrics } from './metrics.ts';
import type { Route } from './route.ts';
import { setSecurityHeaders } from './securityHeaders.ts';
import type { Claims, VerifyToken } from './tokens.ts';

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
  /** What the token says, null on an open route. */
  claims: Claims | null;
}

export const requestState = (ctx: Context): RequestState => ctx.state;

/**
 * The HTTP application, not yet listening. One middleware does all that is common: each layer of Koa's costs a promise and a turn
 * of the microtasks, and what it does here is always the same.
 */
export function createApp(dependencies: AppDependencies): Koa {
  const { logger, accessLogger = logger, metrics } = dependencies;
  const dispatch = createDispatcher(dependencies);
  const app = new Koa();
  app.silent = true;
  app.use(async (ctx) => {
    const start = performance.now();
    nameRequest(ctx);
    setSecurityHeaders(ctx.res);
    try {
      await dispatch(ctx);
    } catch (error) {
      answerError(ctx, error, logger);
    }
    takeDown(ctx, performance.now() - start, { accessLogger, metrics });
  });
  return app;
}

/**
 * Gives the request its ids: the caller's own where they are fit to be logged. Ours are in the order of time, so that the history's index of them
 * grows at its end: a random one would write one of its pages anew for every event.
 */
function nameRequest(ctx: Context): void {
  const state = requestState(ctx);
  state.requestId = idIn(ctx, 'x-request-id') ?? timeOrderedId();
  state.correlationId = idIn(ctx, 'x-correlation-id') ?? state.requestId;
  state.route = null;
  state.claims = null;
  ctx.set('x-request-id', state.requestId);
  ctx.set('x-correlation-id', state.correlationId);
}

function idIn(ctx: Context, header: string): string | null {
  const id = ctx.get(header);
  return /^[A-Za-z0-9._:-]{1,128}$/.test(id) ? id : null;
}

/** Takes down how the request went: the template of its path, never the path. */
function takeDown(
  ctx: Context,
  ms: number,
  { accessLogger, metrics }: { accessLogger: Logger; metrics: HttpMetrics },
): void {
  const { requestId, route } = requestState(ctx);
  const { method, status } = ctx;
  const path = route?.path ?? 'none';
  metrics.observe(method, path, status, ms / 1_000);
  accessLogger.info({ requestId, method, route: path, status, ms: Math.round(ms * 10) / 10 }, 'request');
}

/** The one place where a throw becomes an answer. */
function answerError(ctx: Context, error: unknown, logger: Logger): void {
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

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const outOfReach = isOutOfReach(error) || error instanceof UnknownEventError;
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
  return {
    name: cause.name,
    ...(cause instanceof PadronError ? { message: cause.message } : {}),
    inner: inner?.name ?? null,
    code,
    at,
  };
}

type Answer = (ctx: Context) => Promise<void>;

/**
 * Finds the route that answers. A path that is spelled out takes the methods it is declared with, even where it would fit a parameter
 * too: GET /users/edit is a wrong method, not the question for a user with the DNI «edit». The router says which pattern a path fits; its own
 * dispatch, which puts a chain of middleware together for every request, is left out.
 */
function createDispatcher(dependencies: AppDependencies): Answer {
  const spelledOut = new Map<string, Map<string, Answer>>();
  const patterns: { layer: Layer; answer: Answer }[] = [];
  const router = new Router({ strict: true });
  for (const route of dependencies.routes) {
    const { path, method } = route;
    const answer = serve(route, dependencies);
    if (path.includes(':')) {
      // A single path gives a single layer.
      const layer = router.register(path, [method], answer as RouterMiddleware) as Layer;
      patterns.push({ layer, answer });
      continue;
    }
    const methods = spelledOut.get(path) ?? new Map<string, Answer>();
    spelledOut.set(path, methods.set(method, answer));
    if (method === 'GET') methods.set('HEAD', answer);
  }

  function answerPattern(ctx: Context): Promise<void> {
    const { path, method } = ctx;
    const found = patterns.find(({ layer }) => layer.methods.includes(method) && layer.match(path));
    if (!found) {
      const fitting = patterns.filter(({ layer }) => layer.match(path));
      return refuseUnrouted(
        ctx,
        fitting.flatMap(({ layer }) => layer.methods),
      );
    }
    ctx['params'] = found.layer.params(path, found.layer.captures(path));
    return found.answer(ctx);
  }

  return (ctx) => {
    const methods = spelledOut.get(ctx.path);
    if (!methods) return answerPattern(ctx);
    const answer = methods.get(ctx.method);
    return answer ? answer(ctx) : refuseMethod(ctx, methods.keys());
  };
}

/** The order of checks: token, role, content type, size, JSON, schema, and then what the handler finds (contract, section 2). */
function serve(route: Route, { verifyToken, authorise }: AppDependencies): Answer {
  return async (ctx) => {
    const state = requestState(ctx);
    state.route = route;
    const actor = route.roles
      ? await authorise((state.claims = await verifyToken(ctx)), route.roles)
      : SYSTEM_ACTOR;
    const body = route.body ? await checkedBody(ctx, route.body) : undefined;
    await route.handle({ ctx, body, actor });
  };
}

async function checkedBody(ctx: Context, { check }: NonNullable<Route['body']>): Promise<unknown> {
  const checked = check(await readJson(ctx));
  if ('faults' in checked) throw new Refusal('invalid', { faults: checked.faults });
  return checked.body;
}

function refuseMethod(ctx: Context, allowed: Iterable<string>): never {
  ctx.set('allow', [...new Set(allowed)].sort().join(', '));
  throw new Refusal('method-not-allowed');
}

/** 405 where the path is known under another method, 404 where it is not: both before any token. */
function refuseUnrouted(ctx: Context, allowed: readonly string[]): never {
  if (allowed.length === 0) throw new Refusal('no-such-path');
  refuseMethod(ctx, allowed);
}
