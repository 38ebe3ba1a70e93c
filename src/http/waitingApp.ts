import type { RequestListener } from 'node:http';
import { pino, type Logger } from 'pino';
import { createApp } from './app.ts';
import { RequestError } from './errors/errors.ts';
import { createMetrics } from './metrics/metrics.ts';
import type { Route } from './route/route.ts';
import { createConsoleFiles, type LoadConsole } from './pages/consoleFiles.ts';
import { pageRoutes } from './pages/pageRoutes.ts';
import { shownOperations } from './pages/shownOperations.ts';
import type { SealingSettings } from '../sealing/sealingSettings.ts';
import { allRoutes, type RouteParts } from './allRoutes.ts';

export interface WaitingApp {
  listener: RequestListener;
  /** The console that it serves, so that the service serves the same without loading it again. */
  loadConsole: LoadConsole;
}

/**
 * Answers while the stores are not available yet: the liveness route works, and every other route
 * answers 503 in its own shape without checking tokens, because they cannot be verified.
 */
export function createWaitingApp(
  accessLogger: Logger,
  { timeZone, sealing }: { timeZone: string; sealing: Pick<SealingSettings, 'wanted'> },
): WaitingApp {
  // The routes' declarations need no parts; their handlers are replaced below.
  const routes = allRoutes({ operations: {} } as RouteParts);
  const operations = shownOperations(routes, { isSealed: sealing.wanted !== 'off' });
  const loadConsole = createConsoleFiles({ timeZone, operations });
  const app = createApp({
    routes: [
      ...routes.map((route) => (route.operationId === 'getLiveness' ? route : closed(route))),
      ...pageRoutes({ loadConsole }),
    ],
    verifyToken: unavailable,
    authorise: unavailable,
    // A log line per refused request would bury the one that says why.
    logger: pino({ level: 'silent' }),
    accessLogger,
    metrics: createMetrics(),
  });
  const answer = app.callback();
  return { listener: (request, response) => void answer(request, response), loadConsole };
}

function closed(route: Route): Route {
  const { body: _body, upload: _upload, ...rest } = route;
  return { ...rest, roles: null, handle: unavailable };
}

const unavailable = (): Promise<never> =>
  Promise.reject(new RequestError('unavailable', { cause: new Error('the stores are not available yet') }));
