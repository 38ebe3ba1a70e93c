import type { Context } from 'koa';

/** Lets pages of other origins read answers (fetch.spec.whatwg.org, CORS protocol). */
export interface Cors {
  /** Allows the requesting page to read this answer, if its origin is configured. */
  allowReading(ctx: Context): void;
  /** Answers a preflight request and returns whether it was one. `methods`: the path's methods. */
  answerPreflight(ctx: Context, methods: string): boolean;
}

/** How long a browser may cache a preflight answer, in seconds. */
const MAX_AGE = '600';

/** Request headers that need permission. */
const REQUEST_HEADERS = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
  'X-Correlation-Id',
  'X-Padron-Position',
  'X-Request-Id',
].join(', ');

/** Response headers that need permission. */
const RESPONSE_HEADERS = [
  'Content-Disposition',
  'ETag',
  'Link',
  'Location',
  'Problem-Code',
  'Retry-After',
  'X-Correlation-Id',
  'X-Padron-Behind',
  'X-Padron-Position',
  'X-Request-Id',
].join(', ');

/** Null without origins: then no answer has CORS headers. */
export function createCors(origins: readonly string[]): Cors | null {
  if (origins.length === 0) return null;
  const allowed = new Set(origins);
  const isAllowed = (ctx: Context): boolean => allowed.has(ctx.get('origin'));
  return {
    allowReading(ctx) {
      ctx.vary('Origin');
      if (!isAllowed(ctx)) return;
      ctx.set('access-control-allow-origin', ctx.get('origin'));
      ctx.set('access-control-expose-headers', RESPONSE_HEADERS);
    },
    answerPreflight(ctx, methods) {
      const isPreflight = ctx.method === 'OPTIONS' && ctx.get('access-control-request-method') !== '';
      if (!isPreflight || !isAllowed(ctx)) return false;
      ctx.set('access-control-allow-methods', methods);
      ctx.set('access-control-allow-headers', REQUEST_HEADERS);
      ctx.set('access-control-max-age', MAX_AGE);
      ctx.remove('access-control-expose-headers');
      ctx.status = 204;
      return true;
    },
  };
}
