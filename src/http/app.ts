import Koa, { type Context } from 'koa';
import { Readable } from 'node:stream';
import { setImmediate as nextTick } from 'node:timers/promises';
import type { Logger } from 'pino';
import { COMMAND_LIMIT_MS } from '../commands/loading/waits.ts';
import { createDeadline } from '../platform/deadline.ts';
import { beginRequestSpan, type RequestSpan } from '../tracing/requestSpan.ts';
import { hasUnreadBody, refuseImproper } from './requests/properRequest.ts';
import { lingerAfterAnswer } from './server/lingeringClose.ts';
import { setSecurityHeaders } from './server/securityHeaders.ts';
import { beginRequest, onceClosed, requestState } from './route/requestState.ts';
import { logRequest, type RequestLogDependencies } from './requestLog.ts';
import { answerError } from './answerError.ts';
import type { Route } from './route/route.ts';
import { createDispatcher, type DispatchDependencies } from './dispatch.ts';

export interface AppDependencies extends DispatchDependencies, Omit<RequestLogDependencies, 'accessLogger'> {
  logger: Logger;
  /** One line per request. Default: `logger`. */
  accessLogger?: Logger;
}

/** Whether this runs from the build. Servers that run from the sources are those of tests: many, with few requests each. */
const IS_BUILT = !import.meta.url.endsWith('.ts');

/**
 * The HTTP application, not yet listening. One middleware does everything common, because each of
 * Koa's layers costs a promise and a microtask tick.
 */
export function createApp(dependencies: AppDependencies): Koa {
  const { logger, accessLogger = logger } = dependencies;
  const logDependencies = { ...dependencies, accessLogger };
  const dispatch = createDispatcher(dependencies);
  if (IS_BUILT) setImmediate(() => void compileChecks(dependencies.routes));
  const app = new Koa();
  app.silent = true;
  app.use(async (ctx) => {
    const start = performance.now();
    const deadline = createDeadline(COMMAND_LIMIT_MS);
    const span = beginRequestSpan(ctx, beginRequest(ctx, deadline));
    setSecurityHeaders(ctx.res);
    try {
      refuseImproper(ctx);
      await (span ? span.run(() => dispatch(ctx)) : dispatch(ctx));
    } catch (error) {
      answerError(ctx, error, logger);
    } finally {
      deadline.release();
    }
    // The unread rest of a body would be taken for the next request.
    if (hasUnreadBody(ctx.req)) {
      ctx.set('connection', 'close');
      lingerAfterAnswer(ctx.req);
    }
    endWork(ctx, span);
    logRequest(ctx, performance.now() - start, logDependencies);
  });
  return app;
}

/**
 * Lets a server compile its checks in its first idle moment. A check compiles its schema when it is first used, which takes up to 60 ms: too
 * long for the first caller, and for everyone else.
 */
async function compileChecks(routes: readonly Route[]): Promise<void> {
  for (const { body } of routes) {
    body?.check({});
    await nextTick();
  }
}

/** Ends the request's work in progress: for a streamed answer, when its last piece is sent. */
function endWork(ctx: Context, span: RequestSpan | null): void {
  const { route, work } = requestState(ctx);
  const { status } = ctx;
  const end = (): void => {
    work?.end();
    span?.end({ route: route?.path ?? null, status });
  };
  if (ctx.body instanceof Readable) onceClosed(ctx, end);
  else end();
}
