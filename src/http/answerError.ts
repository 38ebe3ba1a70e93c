import { PadronError } from '../platform/padronError.ts';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import { isUnreachable } from '../platform/storeError.ts';
import { StuckSubjectError } from '../domain/aggregate.ts';
import { UnknownEventError } from '../events/domainEvent.ts';
import { errorAnswer } from './errors/errorAnswer.ts';
import { RequestError, styleOf, type ErrorStyle } from './errors/errors.ts';
import { requestState } from './route/requestState.ts';

/** The only place where an error becomes an answer. */
export function answerError(ctx: Context, error: unknown, logger: Logger): void {
  const { requestId, route } = requestState(ctx);
  const refusal = refusalOf(error);
  requestState(ctx).refusal = refusal;
  const style: ErrorStyle = route?.style ?? styleOf(ctx.path);
  const answer = errorAnswer(refusal, style);
  // Not logged as a failure: expected answers without a cause, such as to probes of a starting
  // instance, and requests that the client has abandoned.
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

/**
 * The log fields of a failure: names and places, without request data or driver texts that may
 * quote it.
 */
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
