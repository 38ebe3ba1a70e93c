import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { RequestError } from '../errors/errors.ts';

/**
 * Query parameters of a request. Parsing takes time quadratic in their number, for a name that is
 * repeated, and ignores those after the first thousand.
 */
const MAX_PARAMETERS = 100;

/**
 * Refuses what Node's parser accepts although HTTP requires refusal, and what padron does not
 * support. Call it before anything reads the query.
 */
export function refuseImproper(ctx: Context): void {
  const { headers, httpVersion, rawHeaders } = ctx.req;
  const hosts = hostsIn(rawHeaders);
  // RFC 9112, section 3.2.
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) refuse(ctx, 'Host must be given once');
  const encoding = headers['transfer-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'chunked') {
    refuse(ctx, 'Transfer-Encoding must be chunked');
  }
  const { expect } = headers;
  if (expect !== undefined && expect.trim().toLowerCase() !== '100-continue') {
    throw new RequestError('expectation-failed');
  }
  if (hasTooManyParameters(ctx.querystring)) {
    refuse(ctx, `The query must have at most ${MAX_PARAMETERS} parameters`);
  }
}

function hasTooManyParameters(query: string): boolean {
  let count = query === '' ? 0 : 1;
  for (let at = query.indexOf('&'); at >= 0; at = query.indexOf('&', at + 1)) {
    count += 1;
    if (count > MAX_PARAMETERS) return true;
  }
  return false;
}

/** Closes the connection, because what follows may not be a request, or is meant to keep the server busy. */
function refuse(ctx: Context, detail: string): never {
  ctx.set('connection', 'close');
  throw new RequestError('malformed', { detail });
}

/** Whether part of the body is unread: what follows on the connection is then not a request. */
export const hasUnreadBody = ({ complete, headers }: IncomingMessage): boolean =>
  !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);

function hostsIn(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
