import type { PersonaFields, PersonaRecord } from '../events/types.ts';
import { changesBetween } from '../domain/aggregate.ts';
import type { Command } from './command.ts';
import { editableMembers, givenSchemas, PERSONA_MEMBERS } from '../domain/members.ts';
import { persona, personaCuenta } from '../domain/persona.ts';
import type { JsonSchema } from '../validation/schema.ts';

export type UpdatePersonaProfileBody = Partial<PersonaFields>;

export const updatePersonaProfileSchema: JsonSchema = {
  type: 'object',
  properties: givenSchemas(PERSONA_MEMBERS, editableMembers(PERSONA_MEMBERS)),
  additionalProperties: false,
};

/** Changes the given members of the person linked to the actor's account. */
export const updatePersonaProfile: Command<UpdatePersonaProfileBody, PersonaRecord> = {
  name: 'UpdatePersonaProfile',
  aggregate: persona,
  subject: { begins: false, find: (_body, { account }) => personaCuenta(account) },
  decide(body, state, { actor }) {
    if (state?.cuenta !== actor.account) return { code: 'not-found' };
    const changes = changesBetween<PersonaFields>(state, body);
    return changes ? [{ type: 'PersonaProfileUpdated', data: { changes } }] : [];
  },
};
