import { ask } from './api.ts';
import { useApiDescription, type ApiDescription } from './apiDescription.ts';
import { presentSession } from './session.ts';
import { createStore, useStore } from './store.ts';

/** The parts of an operation's description that screens need. */
interface Operation {
  roles: readonly string[];
  parameters: ReadonlySet<string>;
}

/** What this server can do, and what the session may do. */
export interface Features {
  /** Whether the server has the operation and the session's role may use it: `may('GET', '/users/{dni}')`. */
  may(method: string, path: string): boolean;
  /** Whether the operation takes this query parameter. */
  takes(method: string, path: string, parameter: string): boolean;
}

const foundRole = createStore<string | null>(null);

const keyOf = (method: string, path: string): string => `${method.toUpperCase()} ${path}`;

/** Cached by description, because screens ask at every rendering. */
const read = new WeakMap<ApiDescription, ReadonlyMap<string, Operation>>();

function operationsOf(description: ApiDescription): ReadonlyMap<string, Operation> {
  const known = read.get(description) ?? operationsIn(description);
  read.set(description, known);
  return known;
}

function operationsIn({ paths }: ApiDescription): Map<string, Operation> {
  const found = new Map<string, Operation>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { description, parameters }] of Object.entries(methods)) {
      const roles = /^Roles: ([\w, ]+)\./.exec(description)?.[1]?.split(', ') ?? [];
      const names = parameters.flatMap((one) => ('$ref' in one ? [] : [one.name]));
      found.set(keyOf(method, path), { roles, parameters: new Set(names) });
    }
  }
  return found;
}

/** Null until the description has arrived and the role is known. */
export function useFeatures(): Features | null {
  const description = useApiDescription();
  const looked = useStore(foundRole);
  const session = presentSession();
  if (!description || !session) return null;
  const known = operationsOf(description);
  const roles = session.roles ?? (looked === null ? null : [looked]);
  if (roles === null) return null;
  return {
    may: (method, path) =>
      known.get(keyOf(method, path))?.roles.some((role) => roles.includes(role)) ?? false,
    takes: (method, path, parameter) => known.get(keyOf(method, path))?.parameters.has(parameter) ?? false,
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
