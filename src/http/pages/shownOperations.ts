import { describedPath } from '../openapi/openapi.ts';
import type { Route } from '../route/route.ts';

/** The parts of an operation that the console's screens depend on. */
export interface ShownOperation {
  roles: readonly string[];
  parameters: readonly string[];
}

/**
 * The operations that need a role, by method and path as in /openapi.json. The page itself carries
 * them, so that the first screen need not wait for the whole description.
 */
export const shownOperations = (routes: readonly Route[]): Record<string, ShownOperation> =>
  Object.fromEntries(
    routes.flatMap(({ method, path, roles, parameters = [] }) =>
      roles === null
        ? []
        : [[`${method} ${describedPath(path)}`, { roles, parameters: parameters.map(({ name }) => name) }]],
    ),
  );
