import { PadronError } from '../platform/padronError.ts';
import Router, { type Layer, type RouterMiddleware } from '@koa/router';
import Koa, { type Context } from 'koa';
import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { COMMAND_LIMIT_MS } from '../commands/handling/waits.ts';
import { createDeadline, type Deadline, type OwnDeadline } from '../platform/deadline.ts';
import { isUnreachable } from '../platform/storeError.ts';
import { StuckSubjectError } from '../domain/aggregate.ts';
import { UnknownEventError } from '../events/domainEvent.ts';
import { SYSTEM_ACTOR, type Actor } from '../events/types.ts';
import type { Source } from '../projections/reading/documents.ts';
import { NOTHING_AWAY, type StoresAway } from '../service/watchedStores.ts';
import { timeOrderedId } from '../platform/timeOrderedId.ts';
import { beginRequestSpan, type RequestSpan } from '../tracing/requestSpan.ts';
import { underWay } from '../tracing/underWay.ts';
import type { Authorise } from './access/authorise.ts';
import { readJson } from './requests/body.ts';
import { peerAddress, type ClientAddress } from './access/clientAddress.ts';
import type { Cors } from './access/cors.ts';
import { errorAnswer, RequestError, styleOf, type ErrorStyle } from './errors/errors.ts';
import { NO_LIMITS, type Limits } from './access/limits.ts';
import type { HttpMetrics } from './metrics/metrics.ts';
import { unknownParameters } from './requests/parameters.ts';
import { hasUnreadBody, refuseImproper } from './requests/properRequest.ts';
import { refusalNote } from './errors/refusalNote.ts';
import type { Route } from './route.ts';
import { inTime } from './server/inTime.ts';
import { isAnswerable, isBehind, sourceOf } from './needs.ts';
import { setSecurityHeaders } from './server/securityHeaders.ts';
import type { Claims, VerifyToken } from './access/tokens.ts';

export interface AppDependencies {
  routes: readonly Route[];
  verifyToken: VerifyToken;
  authorise: Authorise;
  logger: Logger;
  /** One line a request. */
  accessLogger?: Logger;
  metrics: HttpMetrics;
  limits?: Limits;
  /** Left out: the peer of the connection. */
  clientAddress?: ClientAddress;
  /** Which stores are away; left out: none ever is. */
  away?: () => StoresAway;
  /** Null: no page of another origin may read answers. */
  cors?: Cors | null;
}

/** What a request carries through the middleware. */
interface RequestState {
  requestId: string;
  correlationId: string;
  /** The route that answers, null while or when there is none. */
  route: Route | null;
  /** What the token says, null on an open route. */
  claims: Claims | null;
  /** Who asks, once token and role have been checked; null on an open route. */
  actor: Actor | null;
  /** Where the answer came from; null while that is not known. */
  source: Source | null;
  /** Why the request was refused; null while it was not. */
  refusal: RequestError | null;
  /** Whether the token and the role that it was admitted with still hold; for answers that take long. */
  isStillAllowed(): Promise<boolean>;
  /** The time by which a command or a look-up has ended; cancelled when the client goes away before its answer. */
  deadline: Deadline;
}

export const requestState = (ctx: Context): RequestState => ctx.state;

/**
 * The HTTP application, not yet listening. One middleware does all that is common: each layer of Koa's costs a promise and a turn
 * of the microtasks, and what it does here is always the same.
 */
export function createApp(dependencies: AppDependencies): Koa {
  const { logger, accessLogger = logger } = dependencies;
  const dispatch = createDispatcher(dependencies);
  const app = new Koa();
  app.silent = true;
  app.use(async (ctx) => {
    const start = performance.now();
    nameRequest(ctx);
    const span = beginRequestSpan(ctx, requestState(ctx));
    const deadline = setDeadline(ctx);
    setSecurityHeaders(ctx.res);
    ctx.set('cache-control', 'no-store');
    try {
      refuseImproper(ctx);
      await (span ? span.run(() => dispatch(ctx)) : dispatch(ctx));
    } catch (error) {
      answerError(ctx, error, logger);
    } finally {
      deadline.release();
    }
    // The rest of a body that was not read would be taken for the next request.
    if (hasUnreadBody(ctx.req)) ctx.set('connection', 'close');
    endWork(ctx, span);
    logRequest(ctx, performance.now() - start, { ...dependencies, accessLogger });
  });
  return app;
}

/** Ends what was noted of the request as work under way: of an answer in pieces when the last one is sent. */
function endWork(ctx: Context, span: RequestSpan | null): void {
  const { route } = requestState(ctx);
  const { status } = ctx;
  const end = (): void => {
    if (route) underWay.end(workOf(route));
    span?.end({ route: route?.path ?? null, status });
  };
  if (ctx.body instanceof Readable && !ctx.res.closed) ctx.res.once('close', end);
  else end();
}

const workOf = ({ method, path }: Route): string => `${method} ${path}`;

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
  state.actor = null;
  state.source = null;
  state.refusal = null;
  state.isStillAllowed = always;
  ctx.set('x-request-id', state.requestId);
  ctx.set('x-correlation-id', state.correlationId);
}

/** Sets the deadline that the whole request shares. */
function setDeadline(ctx: Context): OwnDeadline {
  const deadline = createDeadline(COMMAND_LIMIT_MS);
  requestState(ctx).deadline = deadline;
  ctx.res.once('close', () => {
    if (!ctx.res.writableFinished) deadline.cancel();
  });
  return deadline;
}

function idIn(ctx: Context, header: string): string | null {
  const id = ctx.get(header);
  return /^[A-Za-z0-9._:-]{1,128}$/.test(id) ? id : null;
}

/** Leaves the line of the access log: the template of the path, never the path; who was refused, and why. */
function logRequest(
  ctx: Context,
  ms: number,
  { accessLogger, metrics, clientAddress = peerAddress }: AppDependencies & { accessLogger: Logger },
): void {
  const { requestId, route, refusal, source, claims, actor } = requestState(ctx);
  const { method, status } = ctx;
  const path = route?.path ?? 'none';
  metrics.observe(method, path, status, ms / 1_000);
  if (source && !refusal) metrics.answered(source);
  else if (route && route.needs !== 'nothing' && refusal?.code === 'unavailable') metrics.answered('refused');
  const line = { requestId, method, route: path, status, ms: Math.round(ms * 10) / 10 };
  const note =
    refusal &&
    refusalNote(refusal, {
      hasToken: ctx.get('authorization') !== '',
      claims,
      isAdmitted: actor !== null,
      addressOf: () => clientAddress(ctx.req),
    });
  if (!note) {
    accessLogger.info(line, 'request');
    return;
  }
  metrics.refused(note);
  accessLogger.info({ ...line, ...note }, 'request refused');
}

/** The one place where a throw becomes an answer. */
function answerError(ctx: Context, error: unknown, logger: Logger): void {
  const { requestId, route } = requestState(ctx);
  const refusal = refusalOf(error);
  requestState(ctx).refusal = refusal;
  const style: ErrorStyle = route?.style ?? styleOf(ctx.path);
  const answer = errorAnswer(refusal, style);
  // One without a cause is an expected answer: probes ask every few seconds whether a starting instance is ready.
  // Nor is one that no client waits for any more: its work was given up because of that.
  const isFailure =
    refusal.code === 'internal' ||
    (refusal.code === 'unavailable' && refusal.cause !== undefined && !ctx.res.destroyed);
  if (isFailure) {
    logger.error({ requestId, route: route?.path, reason: reasonOf(refusal.cause) }, 'request failed');
  }
  ctx.status = answer.status;
  ctx.set(answer.headers);
  ctx.set('content-type', `${answer.contentType}; charset=utf-8`);
  ctx.body = JSON.stringify(answer.body);
}

function refusalOf(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  const isWaiting = error instanceof UnknownEventError || error instanceof StuckSubjectError;
  const outOfReach = isUnreachable(error) || isWaiting;
  return new RequestError(outOfReach ? 'unavailable' : 'internal', { cause: error });
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
  const { cors = null } = dependencies;
  const router = new Router({ strict: true, sensitive: true });
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

  function refuse(ctx: Context, methods: readonly string[]): void {
    if (methods.length === 0) throw new RequestError('no-such-path');
    const allowed = [...new Set(methods)].sort().join(', ');
    if (cors?.answerPreflight(ctx, allowed)) return;
    ctx.set('allow', allowed);
    throw new RequestError('method-not-allowed');
  }

  async function answerPattern(ctx: Context): Promise<void> {
    const { path, method } = ctx;
    const found = patterns.find(({ layer }) => layer.methods.includes(method) && layer.match(path));
    if (found) {
      ctx['params'] = found.layer.params(path, found.layer.captures(path));
      await found.answer(ctx);
      return;
    }
    const fitting = patterns.filter(({ layer }) => layer.match(path));
    refuse(
      ctx,
      fitting.flatMap(({ layer }) => layer.methods),
    );
  }

  return async (ctx) => {
    cors?.allowReading(ctx);
    const methods = spelledOut.get(ctx.path);
    if (!methods) return answerPattern(ctx);
    const answer = methods.get(ctx.method);
    if (answer) return answer(ctx);
    refuse(ctx, [...methods.keys()]);
  };
}

/**
 * The order of checks: token, role, limits, content type, size, JSON, schema, and then what the handler finds (contract, section 2).
 */
function serve(route: Route, dependencies: AppDependencies): Answer {
  const { verifyToken, authorise, clientAddress = peerAddress, limits = NO_LIMITS } = dependencies;
  const { away = () => NOTHING_AWAY } = dependencies;
  const mayUseView = route.method === 'GET';
  const work = workOf(route);
  const known = new Set(route.parameters?.filter((one) => one.in === 'query').map(({ name }) => name));

  async function actorOf(ctx: Context, roles: readonly string[]): Promise<Actor> {
    const state = requestState(ctx);
    try {
      const claims = (state.claims = await verifyToken(ctx));
      const actor = (state.actor = await authorise(claims, roles, {
        mayUseView,
        deadline: state.deadline,
      }));
      state.isStillAllowed = () =>
        isAllowed(async () => authorise(await verifyToken(ctx), roles, { mayUseView }));
      limits.admit(ctx, route, actor.account);
      return actor;
    } catch (error) {
      if (error instanceof RequestError && error.code === 'unauthorized') {
        limits.noteRefusedToken(clientAddress(ctx.req));
      }
      throw error;
    }
  }

  return async (ctx) => {
    requestState(ctx).route = route;
    underWay.begin(work);
    const actor = route.roles ? await actorOf(ctx, route.roles) : SYSTEM_ACTOR;
    const body = await checkedRequest(ctx, route, known);
    const needs = typeof route.needs === 'function' ? route.needs(ctx) : route.needs;
    // An outage that is known is no failure of this request: it is logged once, by the watch.
    if (!isAnswerable(needs, away())) throw new RequestError('unavailable');
    const handling = route.handle({ ctx, body, actor });
    // A command ends by the deadline itself, and says whether it may have stored something.
    await (route.method === 'GET' ? inTime(handling, requestState(ctx).deadline) : handling);
    if (isBehind(needs, away())) ctx.set('x-padron-behind', 'true');
    requestState(ctx).source ??= sourceOf(needs);
  };
}

/** The checked body. Refuses everything that is wrong with it, and parameters that the route does not have, at once. */
async function checkedRequest(ctx: Context, route: Route, known: ReadonlySet<string>): Promise<unknown> {
  const checked = route.body ? route.body.check(await readJson(ctx)) : { body: undefined };
  const unknown = unknownParameters(ctx, known);
  const faults = [
    ...unknown,
    ...(unknown.length > 0 ? (route.queryFaults?.(ctx) ?? []) : []),
    ...('faults' in checked ? checked.faults : []),
  ];
  if (faults.length > 0 || 'faults' in checked) throw new RequestError('invalid', { faults });
  return checked.body;
}

/** Whether the caller may still do what was begun. A store or an identity provider that does not answer takes nothing away. */
async function isAllowed(authorised: () => Promise<unknown>): Promise<boolean> {
  try {
    await authorised();
    return true;
  } catch (error) {
    return !(error instanceof RequestError && (error.code === 'unauthorized' || error.code === 'forbidden'));
  }
}

const always = (): Promise<boolean> => Promise.resolve(true);
