import { pageFacts } from '../facts/pageFacts.ts';
import { ask } from './api.ts';
import { ApiError } from './requests/apiError.ts';
import { presentSession } from './session.ts';
import { createStore, useStore } from './store.ts';

/** What this server can do, and what the session may do. */
export interface Features {
  /** Whether the server has the operation and the session's role may use it: `may('GET', '/users/{dni}')`. */
  may(method: string, path: string): boolean;
  /** Whether the operation takes this query parameter. */
  takes(method: string, path: string, parameter: string): boolean;
}

/** Found for a session that may read nothing. */
const NO_ROLE = 'none';

const foundRole = createStore<string | null>(null);

const keyOf = (method: string, path: string): string => `${method.toUpperCase()} ${path}`;

/** Null until the role is known. */
export function useFeatures(): Features | null {
  useStore(foundRole);
  return presentFeatures();
}

/** The same at this moment, outside a component. */
export function presentFeatures(): Features | null {
  const roles = presentSession() ? presentRoles() : null;
  if (roles === null) return null;
  return {
    may: (method, path) =>
      pageFacts.operations.get(keyOf(method, path))?.roles.some((role) => roles.includes(role)) ?? false,
    takes: (method, path, parameter) =>
      pageFacts.operations.get(keyOf(method, path))?.parameters.includes(parameter) ?? false,
  };
}

/** The roles that the token names, or else the one that was found; null until it is. */
function presentRoles(): readonly string[] | null {
  const found = foundRole.get();
  return presentSession()?.roles ?? (found === null ? null : [found]);
}

/** The roles of the session; empty until they are known. */
export function useRoles(): readonly string[] {
  useStore(foundRole);
  return (presentRoles() ?? []).filter((role) => role !== '' && role !== NO_ROLE);
}

/** For each role a route that the roles below it may not read: the first that answers reveals the role. */
const PROBES = [
  ['admin', '/admin/projections'],
  ['dpo', '/admin/erasures'],
  ['auditor', '/audit?limit=1'],
  ['monitor', '/users?limit=1'],
  ['asistente', '/api/personas/me'],
] as const;

const RETRY_MS = 1_000;

/** Whether the session may read this. Asks again while the server or a store is away: that says nothing about the role. */
async function mayRead(path: string): Promise<boolean> {
  const session = presentSession();
  while (presentSession() === session) {
    try {
      await ask(path);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError && error.isPassing))
        return (error as Partial<ApiError>).code === 'not-found';
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return false;
}

/** Finds the role of a token that names a user instead of a role. */
export async function findRole(): Promise<void> {
  const session = presentSession();
  if (session?.roles !== null) return;
  foundRole.set(null);
  for (const [role, path] of PROBES) {
    const isOpen = await mayRead(path);
    if (presentSession() !== session) return;
    if (isOpen) {
      foundRole.set(role);
      return;
    }
  }
  foundRole.set(NO_ROLE);
}
