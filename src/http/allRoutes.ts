import type { PersonaRecord, UserRecord } from '../events/types.ts';
import type { Documents } from '../projections/reading/documents.ts';
import type { RollName } from '../roll/rollKinds.ts';
import type { RollReaders } from '../roll/reading/rollReaders.ts';
import { erasureRoutes, type ErasureParts } from './routes/erasure/erasures.ts';
import { historyRoutes } from './routes/history/history.ts';
import type { ImportParts } from './routes/imports/importParts.ts';
import { importRoutes } from './routes/imports/imports.ts';
import { jobRoutes } from './routes/jobs.ts';
import { exportRoutes } from './routes/person/exportRoutes.ts';
import { operationsRoutes, type Operations } from './routes/operations.ts';
import { parkedRoutes } from './routes/parked.ts';
import { personaRoutes } from './routes/personas.ts';
import { projectionRoutes } from './routes/projections.ts';
import { namedRollReadRoutes } from './routes/roll/namedRollReads.ts';
import { namedRollRoutes, type NamedRollParts } from './routes/roll/namedRolls.ts';
import { rollChangesRoute } from './routes/roll/rollChanges.ts';
import { rollListRoute } from './routes/roll/rollList.ts';
import type { RollParts, RollResource } from './routes/roll/rollParts.ts';
import { personaRollResource, userRollResource } from './routes/roll/rollResources.ts';
import type { Route } from './route/route.ts';
import { userRoutes } from './routes/users.ts';

/** What the routes need. */
export type RouteParts = Parameters<typeof historyRoutes>[0] &
  Omit<Parameters<typeof personaRoutes>[0], 'documents'> & {
    personas: Documents<PersonaRecord>;
    users: Documents<UserRecord>;
    rolls: RollReaders;
    operations: Operations;
  } & RollParts &
  NamedRollParts &
  ImportParts &
  Parameters<typeof projectionRoutes>[0] &
  Parameters<typeof jobRoutes>[0] &
  Parameters<typeof parkedRoutes>[0] &
  Pick<ErasureParts, 'erasures'>;

/** All routes of the service; those that describe and observe it come last. */
export function allRoutes(parts: RouteParts): Route[] {
  const described = [
    ...personaRoutes({ ...parts, documents: parts.personas }),
    ...userRoutes({ ...parts, documents: parts.users }),
    ...exportRoutes(parts),
    ...rollRoutes(parts),
    ...historyRoutes(parts),
    ...projectionRoutes(parts),
    ...jobRoutes(parts),
    ...importRoutes(parts),
    ...parkedRoutes(parts),
    ...erasureRoutes(parts),
  ];
  return [...described, ...operationsRoutes(parts.operations, described)];
}

function rollRoutes(parts: RouteParts): Route[] {
  const users = userRollResource({ ...parts, documents: parts.users });
  const personas = personaRollResource({ ...parts, documents: parts.personas });
  const resources = { users, personas } as unknown as Record<RollName, RollResource<object>>;
  return [
    rollListRoute(users),
    rollChangesRoute(users),
    rollListRoute(personas),
    rollChangesRoute(personas),
    ...namedRollRoutes(() => parts),
    ...namedRollReadRoutes(
      () => parts,
      (kind) => resources[kind],
    ),
  ];
}
