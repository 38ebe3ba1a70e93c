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

/** How a role is looked up that the token does not name. */
export interface LookupOptions extends CallOptions {
  /** Whether the view may say while the event store is away; not where something is to be changed. */
  mayUseView: boolean;
}

/** Who a token speaks for, if that is somebody with one of `roles`: else Refusal `unauthorized` or `forbidden`. */
export type Authorise = (claims: Claims, roles: readonly string[], options: LookupOptions) => Promise<Actor>;

/** Where the present categoria of a user is looked up. */
export interface RoleSources {
  repository: Repository;
  users: Pick<Documents<UserRecord>, 'byId'>;
}

const ROLE_CLAIMS = ['role', 'rol', 'categoria'] as const;

/** The rules of the contract's section 1. */
export function createAuthorise(sources: RoleSources): Authorise {
  return async (claims, roles, options) => {
    const account = accountOf(claims);
    const held = rolesIn(claims) ?? (await presentRoles(sources, account, claims['email'], options));
    // Routes name the role that allows most first: of several roles that would do, it is the one that counts.
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

/** The roles that the token itself names, null when it has no role claim at all. */
function rolesIn(claims: Claims): string[] | null {
  const named: unknown[] = ROLE_CLAIMS.filter((claim) => claim in claims).map((claim) => claims[claim]);
  const { roles } = claims;
  if (named.length === 0 && roles === undefined) return null;
  // A token whose `roles` are not a list has been refused before.
  return [...named, ...((roles ?? []) as unknown[])].filter((role) => typeof role === 'string').map(roleName);
}

/** A token as SociApp's login issues it names a user and no role: the user's present categoria is the role. */
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
 * The user's stream says, whatever other instances have written a moment ago: a role that was taken away is gone with the answer to that
 * write. While the event store is away the view says for reads (docs/adr/0022), unless it is known to be behind.
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
