import type { RequestListener } from 'node:http';
import { pino, type Logger } from 'pino';
import { createApp } from './app.ts';
import { RequestError } from './errors/errors.ts';
import { createMetrics } from './metrics/metrics.ts';
import type { Route } from './route/route.ts';
import { allRoutes, type RouteParts } from './routes/routes.ts';

/**
 * Answers while the stores are not there yet: the process lives, and every other route refuses with 503 in its own shape, to whoever
 * asks, for a token could not be held against anything.
 */
export function waitingApp(accessLogger: Logger): RequestListener {
  // What the routes say of themselves needs no parts; what they do is taken away below.
  const routes = allRoutes({ operations: {} } as RouteParts);
  const app = createApp({
    routes: routes.map((route) => (route.operationId === 'getLiveness' ? route : closed(route))),
    verifyToken: unavailable,
    authorise: unavailable,
    // A line for each request, that it could not be answered, would bury the one that says why.
    logger: pino({ level: 'silent' }),
    accessLogger,
    metrics: createMetrics(),
  });
  const answer = app.callback();
  return (request, response) => void answer(request, response);
}

function closed(route: Route): Route {
  const { body: _body, ...rest } = route;
  return { ...rest, roles: null, handle: unavailable };
}

const unavailable = (): Promise<never> =>
  Promise.reject(new RequestError('unavailable', { cause: new Error('the stores are not there yet') }));
