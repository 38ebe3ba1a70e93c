import type { Context } from 'koa';
import type { Deadline, OwnDeadline } from '../../platform/deadline.ts';
import type { Actor } from '../../events/types.ts';
import type { Source } from '../../projections/reading/documents.ts';
import { timeOrderedId } from '../../platform/timeOrderedId.ts';
import type { RequestError } from '../errors/errors.ts';
import type { NamedWork } from '../../tracing/underWay.ts';
import type { Route } from './route.ts';

/** The claims of a verified token. */
export type Claims = Record<string, unknown>;

/** The state of a request on its way through the middleware. */
export interface RequestState {
  requestId: string;
  correlationId: string;
  /** The matching route, null if there is none (yet). */
  route: Route | null;
  /** That route's work while it is in progress. */
  work: NamedWork | null;
  /** The token's claims, null on an open route. */
  claims: Claims | null;
  /** The caller, once token and role are verified; null on an open route. */
  actor: Actor | null;
  /** The source of the answer; null while unknown. */
  source: Source | null;
  /** Why the request was refused, or null. */
  refusal: RequestError | null;
  /** Whether the token and the admitting role are still valid; for long answers. */
  isStillAllowed(): Promise<boolean>;
  /**
   * The deadline of commands and lookups; cancelled if the client disconnects before its answer.
   */
  deadline: Deadline;
  /** What `onceClosed` will call. */
  closing: (() => void)[];
}

export const requestState = (ctx: Context): RequestState => ctx.state;

/**
 * Gives the request its ids: the caller's own if they are safe to log. Ours are time-ordered, so
 * that the history's index of them grows at its end; random ids would rewrite an index page for
 * every event. Cancels `deadline` if the client disconnects before its answer.
 */
export function beginRequest(ctx: Context, deadline: OwnDeadline): RequestState {
  const requestId = idIn(ctx, 'x-request-id') ?? timeOrderedId();
  const correlationId = idIn(ctx, 'x-correlation-id') ?? requestId;
  // One literal, because V8 copies an object that grows member by member.
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
    closing: [],
  };
  ctx.state = state;
  ctx.res.once('close', () => {
    if (!ctx.res.writableFinished) deadline.cancel();
    for (const action of state.closing) action();
  });
  // Directly, because Koa checks each header first.
  ctx.res.setHeader('x-request-id', requestId);
  ctx.res.setHeader('x-correlation-id', correlationId);
  ctx.res.setHeader('cache-control', 'no-store');
  return state;
}

/**
 * Calls `action` when the answer has been sent or the client has disconnected; at once if that has
 * already happened. All actions share one listener: Node warns of more than ten, and its own stream
 * pipeline adds seven.
 */
export function onceClosed(ctx: Context, action: () => void): void {
  if (ctx.res.closed) action();
  else requestState(ctx).closing.push(action);
}

function idIn(ctx: Context, header: string): string | null {
  const id = ctx.headers[header];
  return typeof id === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(id) ? id : null;
}

const always = (): Promise<boolean> => Promise.resolve(true);
