import type { PersonaFields, PersonaRecord } from '../events/types.ts';
import type { Command } from './command.ts';
import { completed, editableMembers, givenSchemas, PERSONA_MEMBERS } from '../domain/members.ts';
import { cuenta } from '../validation/fields.ts';
import { persona } from '../domain/persona.ts';
import type { JsonSchema } from '../validation/schema.ts';

/** Nullable members may be left out. */
export type RegisterPersonaBody = {
  [Name in keyof PersonaFields as null extends PersonaFields[Name] ? never : Name]: PersonaFields[Name];
} & {
  [Name in keyof PersonaFields as null extends PersonaFields[Name] ? Name : never]?: PersonaFields[Name];
} & { cuenta: string };

const editable = editableMembers(PERSONA_MEMBERS);

export const registerPersonaSchema: JsonSchema = {
  type: 'object',
  properties: { ...givenSchemas(PERSONA_MEMBERS, editable), cuenta },
  required: [...editable.filter((member) => !('fallback' in PERSONA_MEMBERS[member])), 'cuenta'],
  additionalProperties: false,
};

/** Registers a person, linked to the account that may edit it. */
export const registerPersona: Command<RegisterPersonaBody, PersonaRecord> = {
  name: 'RegisterPersona',
  aggregate: persona,
  subject: { begins: true },
  decide(body, state, { id, now }) {
    if (state) return { code: 'id-taken' };
    const data = completed<PersonaRecord>(PERSONA_MEMBERS, { ...body, id, created_at: now });
    return [{ type: 'PersonaRegistered', data }];
  },
};
