import type { Context } from 'koa';
import type { Logger } from 'pino';
import { peerAddress, type ClientAddress } from './access/clientAddress.ts';
import { refusalNote } from './access/refusalNote.ts';
import { requestState } from './route/requestState.ts';
import type { HttpMetrics } from './metrics/metrics.ts';

export interface RequestLogDependencies {
  /** One line per request. */
  accessLogger: Logger;
  metrics: HttpMetrics;
  /** Default: the address of the connection's peer. */
  clientAddress?: ClientAddress;
}

/**
 * Writes the line of the access log: the path template, never the path; for refused callers, who
 * and why.
 */
export function logRequest(
  ctx: Context,
  ms: number,
  { accessLogger, metrics, clientAddress = peerAddress }: RequestLogDependencies,
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
