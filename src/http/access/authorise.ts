import { roleName } from '../../domain/roles.ts';
import { user } from '../../domain/user.ts';
import type { Repository } from '../../commands/loading/repository.ts';
import { subjectStream } from '../../events/streams.ts';
import { EventStoreError } from '../../events/eventErrors.ts';
import type { CallOptions } from '../../events/eventStore.ts';
import type { Actor, UserRecord } from '../../events/types.ts';
import type { Documents } from '../../projections/reading/documents.ts';
import { RequestError } from '../errors/errors.ts';
import type { Claims } from '../route/requestState.ts';

/** How a role is looked up if the token names none. */
export interface LookupOptions extends CallOptions {
  /** Whether the view may be used while the event store is away; not for changes. */
  mayUseView: boolean;
}

/**
 * The token's actor, if it has one of `roles`; otherwise RequestError `unauthorized` or
 * `forbidden`.
 */
export type Authorise = (claims: Claims, roles: readonly string[], options: LookupOptions) => Promise<Actor>;

/** Where a user's present categoria is looked up. */
export interface RoleSources {
  repository: Repository;
  users: Pick<Documents<UserRecord>, 'byId'>;
}

const ROLE_CLAIMS = ['role', 'rol', 'categoria'] as const;

/** Decides by the rules in docs/reference/tokens.md. */
export function createAuthorise(sources: RoleSources): Authorise {
  return async (claims, roles, options) => {
    const account = accountOf(claims);
    const held = rolesIn(claims) ?? (await presentRoles(sources, account, claims['email'], options));
    // Routes list the most powerful role first; of several matching roles, that one counts.
    const role = roles.find((one) => held.includes(one));
    if (role === undefined) throw new RequestError('forbidden');
    return { account, role };
  };
}

function accountOf({ sub }: Claims): string {
  if (typeof sub === 'number' && Number.isFinite(sub)) return String(sub);
  if (typeof sub === 'string' && sub !== '') return sub;
  throw new RequestError('unauthorized');
}

/** The roles that the token names; null if it has no role claim. */
function rolesIn(claims: Claims): string[] | null {
  const named: unknown[] = ROLE_CLAIMS.filter((claim) => claim in claims).map((claim) => claims[claim]);
  const { roles } = claims;
  if (named.length === 0 && roles === undefined) return null;
  // A token whose `roles` is not a list was refused before.
  return [...named, ...((roles ?? []) as unknown[])].filter((role) => typeof role === 'string').map(roleName);
}

/**
 * A token issued by SociApp's login names a user but no role: the role is the user's present
 * categoria.
 */
async function presentRoles(
  sources: RoleSources,
  account: string,
  email: unknown,
  options: LookupOptions,
): Promise<string[]> {
  if (email === undefined) return [];
  const id = Number(account);
  if (typeof email !== 'string' || !Number.isSafeInteger(id) || String(id) !== account)
    throw new RequestError('unauthorized');
  const state = await presentUser(sources, id, options);
  if (!state || folded(state.email) !== folded(email)) throw new RequestError('unauthorized');
  return [roleName(state.categoria)];
}

/**
 * The user's stream decides, including what other instances have just written: a removed role is
 * gone with the answer to that write. While the event store is away, reads use the view
 * (docs/adr/0022), unless it is known to be behind.
 */
async function presentUser(
  { repository, users }: RoleSources,
  id: number,
  { mayUseView, deadline }: LookupOptions,
): Promise<UserRecord | null> {
  try {
    return (await repository.fresh(user, subjectStream('user', id), { deadline })).state;
  } catch (error) {
    if (!(error instanceof EventStoreError) || !mayUseView) throw error;
    const shown = await users.byId(id, null, { deadline });
    if (shown?.behind) throw error;
    return shown && shown.body;
  }
}

const folded = (text: string): string => text.trim().toLowerCase();
