import { subjectStream } from '../events/streams.ts';
import type { PersonaFields, PersonaRecord } from '../events/types.ts';
import { changesBetween } from '../domain/aggregate.ts';
import { editableMembers, pick, PERSONA_MEMBERS } from '../domain/members.ts';
import type { Command } from './command.ts';
import { persona } from '../domain/persona.ts';
import { noSuchRevision } from './revert.ts';

export interface RevertPersona {
  /** 0 for a text that is not an id: no person has it. */
  id: number;
  /** The person at the revision to restore, or null; immutable, so it can be read beforehand. */
  target: PersonaRecord | null;
}

/** Restores every member that an update can change. */
export const revertPersona: Command<RevertPersona, PersonaRecord> = {
  name: 'RevertPersona',
  aggregate: persona,
  subject: { begins: false, stream: ({ id }) => (id === 0 ? null : subjectStream('persona', id)) },
  decide({ target }, state) {
    if (!state) return { code: 'not-found' };
    if (target?.id !== state.id) return { code: 'invalid', faults: [noSuchRevision] };
    const changes = changesBetween<PersonaFields>(state, pick(target, editableMembers(PERSONA_MEMBERS)));
    return changes ? [{ type: 'PersonaProfileUpdated', data: { changes } }] : [];
  },
};
