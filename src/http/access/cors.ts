import type { Context } from 'koa';

/** Lets pages of other origins read answers (fetch.spec.whatwg.org, CORS protocol). */
export interface Cors {
  /** Allows the page that asks to read this answer, if its origin is one of the configured ones. */
  allowReading(ctx: Context): void;
  /** Answers the request that a browser sends first, and returns whether this was one. `methods`: what the path takes. */
  answerPreflight(ctx: Context, methods: string): boolean;
}

/** How long a browser may remember the answer to a preflight, in seconds. */
const MAX_AGE = '600';

/** What a caller may send beside the headers that need no permission. */
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

/** What a page may read beside the headers that need no permission. */
const RESPONSE_HEADERS = [
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

/** Null without origins: no answer says anything about other origins then. */
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
