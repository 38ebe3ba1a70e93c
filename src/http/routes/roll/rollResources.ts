import type { PersonaRecord, UserRecord } from '../../../events/types.ts';
import { personasStyle, USERS } from '../../errors/errors.ts';
import type { Documents } from '../../../projections/reading/documents.ts';
import { acceptsUser } from '../../../roll/filters.ts';
import { personaRoll, userRoll } from '../../../roll/rollKinds.ts';
import type { RollReaders } from '../../../roll/reading/rollReaders.ts';
import { personaPageSchema, userPageSchema } from '../../../presentation/rollSchemas.ts';
import type { RollParts, RollResource } from './rollParts.ts';

/** The roll of users, and who may read it. */
export const userRollResource = (
  parts: RollParts & { rolls: RollReaders; documents: Documents<UserRecord> },
): RollResource<UserRecord> => ({
  ...parts,
  kind: userRoll,
  reader: () => parts.rolls.users,
  path: '/users',
  tag: 'users',
  operation: 'Users',
  presentReaders: ['admin', 'monitor'],
  pastReaders: ['admin', 'monitor', 'auditor'],
  style: USERS,
  accepts: acceptsUser,
  hasUserFilters: true,
  pageSchema: userPageSchema,
});

/** The roll of persons, and who may read it. */
export const personaRollResource = (
  parts: RollParts & { rolls: RollReaders; documents: Documents<PersonaRecord> },
): RollResource<PersonaRecord> => ({
  ...parts,
  kind: personaRoll,
  reader: () => parts.rolls.personas,
  path: '/api/personas',
  tag: 'personas',
  operation: 'Personas',
  presentReaders: ['admin'],
  pastReaders: ['admin', 'auditor'],
  style: personasStyle('Error al consultar personas'),
  accepts: () => null,
  hasUserFilters: false,
  pageSchema: personaPageSchema,
});
