import type { Context } from 'koa';
import { SYSTEM_ACTOR, type Actor } from '../events/types.ts';
import { NOTHING_AWAY, type StoresAway } from '../availability/watchedStores.ts';
import { underWay } from '../tracing/underWay.ts';
import type { Authorise } from './access/authorise.ts';
import type { VerifyToken } from './access/tokens.ts';
import { readJson } from './requests/body.ts';
import { peerAddress, type ClientAddress } from './access/clientAddress.ts';
import { RequestError } from './errors/errors.ts';
import { NO_LIMITS, type Limits } from './access/limits.ts';
import { queryNameIssues, queryNamesOf, type QueryNames } from './requests/parameters.ts';
import { requireUploadable } from './requests/upload.ts';
import type { Issue } from '../validation/schema.ts';
import type { Route } from './route/route.ts';
import { inTime } from './server/inTime.ts';
import { isAnswerable, isBehind, sourceOf } from './route/needs.ts';
import { requestState } from './route/requestState.ts';

export type Answer = (ctx: Context) => Promise<void>;

export interface ServeDependencies {
  verifyToken: VerifyToken;
  authorise: Authorise;
  limits?: Limits;
  /** Default: the address of the connection's peer. */
  clientAddress?: ClientAddress;
  /** Which stores are away. Default: none. */
  away?: () => StoresAway;
}

/**
 * The order of checks: token, role, limits, content type, size, JSON, schema, then the handler's
 * own.
 */
export function serve(route: Route, dependencies: ServeDependencies): Answer {
  const { verifyToken, authorise, clientAddress = peerAddress, limits = NO_LIMITS } = dependencies;
  const { away = () => NOTHING_AWAY } = dependencies;
  const mayUseView = route.method === 'GET';
  const work = underWay.work(`${route.method} ${route.path}`);
  const names = queryNamesOf(route.parameters);

  async function actorOf(ctx: Context, roles: readonly string[]): Promise<Actor> {
    const state = requestState(ctx);
    try {
      const claims = (state.claims = await verifyToken(ctx));
      const actor = (state.actor = await authorise(claims, roles, {
        mayUseView,
        deadline: state.deadline,
      }));
      state.isStillAllowed = () =>
        isAllowed(async () => authorise(await verifyToken(ctx), roles, { mayUseView }));
      limits.admit(ctx, route, actor.account);
      return actor;
    } catch (error) {
      if (error instanceof RequestError && error.code === 'unauthorized') {
        limits.noteRefusedToken(clientAddress(ctx.req));
      }
      throw error;
    }
  }

  return async (ctx) => {
    const state = requestState(ctx);
    state.route = route;
    state.work = work;
    work.begin();
    const roles = route.rolesFor?.(ctx) ?? route.roles;
    const actor = roles ? await actorOf(ctx, roles) : SYSTEM_ACTOR;
    const body = await checkedRequest(ctx, route, names);
    const needs = typeof route.needs === 'function' ? route.needs(ctx) : route.needs;
    // A known outage is not this request's failure: the watch logs it once.
    if (!isAnswerable(needs, away())) throw new RequestError('unavailable');
    const handling = route.handle({ ctx, body, actor });
    // A command ends at the deadline itself, and reports whether it may have stored something.
    await (route.method === 'GET' ? inTime(handling, state.deadline) : handling);
    if (isBehind(needs, away())) ctx.set('x-padron-behind', 'true');
    state.source ??= sourceOf(needs);
  };
}

/** The validated body. Reports all issues of the body and of the names of parameters at once. */
async function checkedRequest(ctx: Context, route: Route, names: QueryNames): Promise<unknown> {
  if (route.upload) requireUploadable(ctx, route.upload);
  const checked = route.body ? route.body.check(await readJson(ctx)) : { body: undefined };
  const misnamed = route.takesAnyQuery ? [] : queryNameIssues(ctx, names);
  const faults = [
    ...misnamed,
    ...(misnamed.length > 0 ? otherQueryFaults(ctx, route, misnamed) : []),
    ...('faults' in checked ? checked.faults : []),
  ];
  if (faults.length > 0 || 'faults' in checked) throw new RequestError('invalid', { faults });
  return checked.body;
}

/** The issues of the values of the other parameters. */
const otherQueryFaults = (ctx: Context, route: Route, misnamed: readonly Issue[]): Issue[] =>
  (route.queryFaults?.(ctx) ?? []).filter(({ member }) => !misnamed.some((one) => one.member === member));

/**
 * Whether the caller may still do what was begun. An unreachable store or identity provider revokes
 * nothing.
 */
async function isAllowed(authorised: () => Promise<unknown>): Promise<boolean> {
  try {
    await authorised();
    return true;
  } catch (error) {
    return !(error instanceof RequestError && (error.code === 'unauthorized' || error.code === 'forbidden'));
  }
}
