import { describedPath } from '../openapi/openapi.ts';
import type { Route } from '../route/route.ts';

/** The parts of an operation that the console's screens depend on. */
export interface ShownOperation {
  roles: readonly string[];
  parameters: readonly string[];
}

/**
 * The operations that need a role, by method and path as in /openapi.json. The page itself carries
 * them, so that the first screen need not wait for the whole description. Without sealing, those that
 * would be refused for that are left out.
 */
export const shownOperations = (
  routes: readonly Route[],
  { isSealed }: { isSealed: boolean },
): Record<string, ShownOperation> =>
  Object.fromEntries(
    routes.flatMap(({ method, path, roles, refusals, parameters = [] }) =>
      roles === null || (!isSealed && refusals.includes('not-sealed'))
        ? []
        : [[`${method} ${describedPath(path)}`, { roles, parameters: parameters.map(({ name }) => name) }]],
    ),
  );
