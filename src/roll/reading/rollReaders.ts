import type { PersonaRecord, UserRecord } from '../../events/types.ts';
import type { ReadModel } from '../../projections/ports/readModel.ts';
import { VIEWS, type Views } from '../../projections/views/allViews.ts';
import { createRollReader, type RollReader, type RollReaderDependencies } from './readRoll.ts';
import { personaRoll, userRoll } from '../rollKinds.ts';

/** The readers of both rolls. */
export interface RollReaders {
  users: RollReader<UserRecord>;
  personas: RollReader<PersonaRecord>;
}

/** Reads both rolls over the current views. */
export function createRollReaders({
  readModel,
  views = VIEWS,
  ...dependencies
}: Omit<RollReaderDependencies<never>, 'kind' | 'viewReader'> & {
  readModel: Pick<ReadModel, 'shown'>;
  views?: Pick<Views, 'users' | 'personas'>;
}): RollReaders {
  return {
    users: createRollReader({ ...dependencies, kind: userRoll, viewReader: readModel.shown(views.users) }),
    personas: createRollReader({
      ...dependencies,
      kind: personaRoll,
      viewReader: readModel.shown(views.personas),
    }),
  };
}
