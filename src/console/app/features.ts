import { ask } from './api.ts';
import { presentSession } from './session.ts';
import { createStore, useStore } from './store.ts';

/** The parts of an operation that screens need. */
interface Operation {
  roles: readonly string[];
  parameters: readonly string[];
}

/** The operations of this server by method and path as in /openapi.json; the page carries them. */
const operations = new Map<string, Operation>(
  Object.entries(
    JSON.parse(document.querySelector<HTMLMetaElement>('meta[name=operations]')?.content ?? '{}') as Record<
      string,
      Operation
    >,
  ),
);

/** What this server can do, and what the session may do. */
export interface Features {
  /** Whether the server has the operation and the session's role may use it: `may('GET', '/users/{dni}')`. */
  may(method: string, path: string): boolean;
  /** Whether the operation takes this query parameter. */
  takes(method: string, path: string, parameter: string): boolean;
}

const foundRole = createStore<string | null>(null);

const keyOf = (method: string, path: string): string => `${method.toUpperCase()} ${path}`;

/** Null until the role is known. */
export function useFeatures(): Features | null {
  useStore(foundRole);
  return presentFeatures();
}

/** The same at this moment, outside a component. */
export function presentFeatures(): Features | null {
  const looked = foundRole.get();
  const session = presentSession();
  if (!session) return null;
  const roles = session.roles ?? (looked === null ? null : [looked]);
  if (roles === null) return null;
  return {
    may: (method, path) =>
      operations.get(keyOf(method, path))?.roles.some((role) => roles.includes(role)) ?? false,
    takes: (method, path, parameter) =>
      operations.get(keyOf(method, path))?.parameters.includes(parameter) ?? false,
  };
}

/** For each role a route that the roles below it may not read: the first that answers reveals the role. */
const PROBES = [
  ['admin', '/admin/projections'],
  ['dpo', '/admin/erasures'],
  ['auditor', '/audit?limit=1'],
  ['monitor', '/users?limit=1'],
  ['asistente', '/api/personas/me'],
] as const;

/** Finds the role of a token that names a user instead of a role. */
export async function findRole(): Promise<void> {
  if (presentSession()?.roles !== null) return;
  foundRole.set(null);
  for (const [role, path] of PROBES) {
    const isOpen = await ask(path).then(
      () => true,
      (error: unknown) => (error as { code?: string }).code === 'not-found',
    );
    if (presentSession() === null) return;
    if (isOpen) {
      foundRole.set(role);
      return;
    }
  }
  foundRole.set('none');
}
