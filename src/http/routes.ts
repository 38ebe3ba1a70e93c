import type { PersonaRecord, UserRecord } from '../events/types.ts';
import type { Documents } from '../projections/documents.ts';
import { historyRoutes } from './history.ts';
import { operationsRoutes, type Operations } from './operations.ts';
import { personaRoutes } from './personas.ts';
import type { Route } from './route.ts';
import { userRoutes } from './users.ts';

/** What the routes work on. */
export type RouteParts = Parameters<typeof historyRoutes>[0] &
  Omit<Parameters<typeof personaRoutes>[0], 'documents'> & {
    personas: Documents<PersonaRecord>;
    users: Documents<UserRecord>;
    operations: Operations;
  };

/** Every route of the service, those that describe and watch it last. */
export function allRoutes(parts: RouteParts): Route[] {
  const described = [
    ...personaRoutes({ ...parts, documents: parts.personas }),
    ...userRoutes({ ...parts, documents: parts.users }),
    ...historyRoutes(parts),
  ];
  return [...described, ...operationsRoutes(parts.operations, described)];
}
