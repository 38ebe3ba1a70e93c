import type { Context } from 'koa';
import { COMMAND_LIMIT_MS } from '../../commands/loading/waits.ts';
import { createDeadline, type Deadline, type OwnDeadline } from '../../platform/deadline.ts';
import type { Actor } from '../../events/types.ts';
import type { Source } from '../../projections/reading/documents.ts';
import { timeOrderedId } from '../../platform/timeOrderedId.ts';
import type { RequestError } from '../errors/errors.ts';
import type { NamedWork } from '../../tracing/underWay.ts';
import type { Route } from './route.ts';

/** What a verified token says. */
export type Claims = Record<string, unknown>;

/** What a request carries through the middleware. */
export interface RequestState {
  requestId: string;
  correlationId: string;
  /** The route that answers, null while or when there is none. */
  route: Route | null;
  /** That route's work while it is in progress. */
  work: NamedWork | null;
  /** What the token says, null on an open route. */
  claims: Claims | null;
  /** Who asks, once token and role have been checked; null on an open route. */
  actor: Actor | null;
  /** Where the answer came from; null while that is not known. */
  source: Source | null;
  /** Why the request was refused; null while it was not. */
  refusal: RequestError | null;
  /** Whether the token and the role that it was admitted with still hold; for answers that take long. */
  isStillAllowed(): Promise<boolean>;
  /** The time by which a command or a look-up has ended; cancelled when the client goes away before its answer. */
  deadline: Deadline;
}

export const requestState = (ctx: Context): RequestState => ctx.state;

/**
 * Gives the request its ids: the caller's own where they are fit to be logged. Ours are in the order of time, so that the history's index of them
 * grows at its end: a random one would write one of its pages anew for every event.
 */
export function beginRequest(ctx: Context, deadline: Deadline): RequestState {
  const requestId = idIn(ctx, 'x-request-id') ?? timeOrderedId();
  const correlationId = idIn(ctx, 'x-correlation-id') ?? requestId;
  // One literal: V8 copies an object that grows member by member several times.
  const state: RequestState = {
    requestId,
    correlationId,
    route: null,
    work: null,
    claims: null,
    actor: null,
    source: null,
    refusal: null,
    isStillAllowed: always,
    deadline,
  };
  ctx.state = state;
  // Directly, because Koa checks each header first.
  ctx.res.setHeader('x-request-id', requestId);
  ctx.res.setHeader('x-correlation-id', correlationId);
  ctx.res.setHeader('cache-control', 'no-store');
  return state;
}

/** The deadline that the whole request shares; cancelled when the client goes away before its answer. */
export function createRequestDeadline(ctx: Context): OwnDeadline {
  const deadline = createDeadline(COMMAND_LIMIT_MS);
  ctx.res.on('close', () => {
    if (!ctx.res.writableFinished) deadline.cancel();
  });
  return deadline;
}

function idIn(ctx: Context, header: string): string | null {
  const id = ctx.headers[header];
  return typeof id === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(id) ? id : null;
}

const always = (): Promise<boolean> => Promise.resolve(true);
