import Router, { type Layer, type RouterMiddleware } from '@koa/router';
import type { Context } from 'koa';
import type { Cors } from './access/cors.ts';
import { RequestError } from './errors/errors.ts';
import type { Route } from './route/route.ts';
import { serve, type Answer, type ServeDependencies } from './serveRoute.ts';

export interface DispatchDependencies extends ServeDependencies {
  routes: readonly Route[];
  /** Null: pages of other origins may not read answers. */
  cors?: Cors | null;
}

/**
 * Finds the route. A literal path has only its declared methods, even if it also fits a parameter:
 * GET /users/edit is a wrong method, not a request for a user with the DNI «edit». The router only
 * matches patterns; its own dispatch, which builds a middleware chain per request, is not used.
 */
export function createDispatcher(dependencies: DispatchDependencies): Answer {
  const spelledOut = new Map<string, Map<string, Answer>>();
  const patterns: { layer: Layer; answer: Answer }[] = [];
  const { cors = null } = dependencies;
  const router = new Router({ strict: true, sensitive: true });
  for (const route of dependencies.routes) {
    const { path, method } = route;
    const answer = serve(route, dependencies);
    if (/[:*]/.test(path)) {
      // A single path yields a single layer.
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
