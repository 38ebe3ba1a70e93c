import type { Context } from 'koa';
import { RequestError } from '../errors/errors.ts';
import type { RequestLimits } from './limitSettings.ts';
import type { Route } from '../route/route.ts';
import { onceClosed } from '../route/requestState.ts';
import { streamedOf } from '../route/streamed.ts';
import { createSlots, createTokenBuckets } from './tokenBuckets.ts';

/** The limits of callers. Each function throws RequestError `too-many-requests` beyond them. */
export interface Limits {
  /**
   * Counts a request before it is handled. A stream, or a request that reads a whole roll, holds a slot
   * until its answer ends.
   */
  admit(ctx: Context, route: Route, account: string): void;
  /** Counts a refused token. */
  noteRefusedToken(address: string): void;
}

/** Seconds after which a caller may retry if all its streams are in use. */
const STREAM_RETRY_SECONDS = 10;

export const NO_LIMITS: Limits = { admit: () => undefined, noteRefusedToken: () => undefined };

/**
 * Limits by account, and by address for callers without a token. `now` is a monotonic clock in
 * milliseconds.
 */
export function createLimits(settings: RequestLimits | null, now: () => number): Limits {
  if (settings === null) return NO_LIMITS;
  const writes = createTokenBuckets(settings.writesPerMinute, now);
  const searches = createTokenBuckets(settings.searchesPerMinute, now);
  const refusedTokens = createTokenBuckets(settings.refusedTokensPerMinute, now);
  const streams = createSlots(settings.streamsPerAccount);
  return {
    admit(ctx, route, account) {
      const isRead = route.method === 'GET';
      const isLong =
        route.readsWholeRoll?.(ctx) === true || (isRead && streamedOf(ctx, route.answer) !== null);
      if (!isRead) refuseAfter(writes.take(account), 'writes');
      else if (isLong || isSearch(ctx)) refuseAfter(searches.take(account), 'searches');
      if (!isLong) return;
      const release = streams.take(account);
      if (!release) throw tooMany('streams', STREAM_RETRY_SECONDS);
      onceClosed(ctx, release);
    },
    noteRefusedToken(address) {
      refuseAfter(refusedTokens.take(networkOf(address)), 'refused tokens');
    },
  };
}

const isSearch = (ctx: Context): boolean => ctx.query['q'] !== undefined && ctx.query['q'] !== '';

function refuseAfter(waitMs: number, limit: string): void {
  if (waitMs > 0) throw tooMany(limit, Math.ceil(waitMs / 1_000));
}

const tooMany = (limit: string, retryAfterSeconds: number): RequestError =>
  new RequestError('too-many-requests', { reason: limit, retryAfterSeconds });

/** One customer of a provider usually has a whole /64 of IPv6 addresses. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail ? tail.split(':') : [])]
    .slice(0, 4)
    .join(':');
}
