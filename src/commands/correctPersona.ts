import { changesBetween } from '../domain/aggregate.ts';
import { persona } from '../domain/persona.ts';
import { subjectStream } from '../events/streams.ts';
import type { PersonaFields, PersonaRecord } from '../events/types.ts';
import type { Command } from './command.ts';
import type { Correction } from './correctUser.ts';

/** Updates some members of a person; the others keep their present values. */
export const correctPersona: Command<Correction<PersonaFields, PersonaRecord>, PersonaRecord> = {
  name: 'CorrectPersona',
  aggregate: persona,
  subject: { begins: false, stream: ({ id }) => subjectStream('persona', id) },
  decide({ wanted }, state) {
    if (!state) return { code: 'not-found' };
    const corrected = wanted(state);
    if (!corrected) return { code: 'stale' };
    const changes = changesBetween<PersonaFields>(state, corrected);
    return changes ? [{ type: 'PersonaProfileUpdated', data: { changes } }] : [];
  },
};
