import { roleName } from '../commands/roles.ts';
import { user } from '../commands/user.ts';
import type { Repository } from '../commands/repository.ts';
import type { Deadline } from '../deadline.ts';
import { subjectStream } from '../events/streams.ts';
import type { Actor } from '../events/types.ts';
import { Refusal } from './errors.ts';
import type { Claims } from './tokens.ts';

/** Who a token speaks for, if that is somebody with one of `roles`: else Refusal `unauthorized` or `forbidden`. */
export type Authorise = (claims: Claims, roles: readonly string[], deadline?: Deadline) => Promise<Actor>;

const ROLE_CLAIMS = ['role', 'rol', 'categoria'] as const;

/** The rules of the contract's section 1. */
export function createAuthorise({ repository }: { repository: Repository }): Authorise {
  return async (claims, roles, deadline) => {
    const account = accountOf(claims);
    const held = rolesIn(claims) ?? (await presentRoles(repository, account, claims['email'], deadline));
    // Routes name the role that allows most first: of several roles that would do, it is the one that counts.
    const role = roles.find((one) => held.includes(one));
    if (role === undefined) throw new Refusal('forbidden');
    return { account, role };
  };
}

function accountOf({ sub }: Claims): string {
  if (typeof sub === 'number' && Number.isFinite(sub)) return String(sub);
  if (typeof sub === 'string' && sub !== '') return sub;
  throw new Refusal('unauthorized');
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
  repository: Repository,
  account: string,
  email: unknown,
  deadline: Deadline | undefined,
): Promise<string[]> {
  if (email === undefined) return [];
  const id = Number(account);
  if (typeof email !== 'string' || !Number.isSafeInteger(id) || String(id) !== account)
    throw new Refusal('unauthorized');
  const { state } = await repository.fresh(user, subjectStream('user', id), { deadline });
  if (!state || folded(state.email) !== folded(email)) throw new Refusal('unauthorized');
  return [roleName(state.categoria)];
}

const folded = (text: string): string => text.trim().toLowerCase();
