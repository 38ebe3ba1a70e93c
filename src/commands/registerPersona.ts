import type { PersonaRecord } from '../events/types.ts';
import type { Command } from './command.ts';
import { cuenta, dni, httpUrl, nullableText, requiredText } from '../validation/fields.ts';
import { persona } from '../domain/persona.ts';
import type { JsonSchema } from '../validation/schema.ts';

export interface RegisterPersonaBody {
  nombres: string;
  apellidos: string;
  telefono?: string | null;
  dni: string;
  foto_url?: string | null;
  cuenta: string;
}

export const registerPersonaSchema: JsonSchema = {
  type: 'object',
  properties: {
    nombres: requiredText,
    apellidos: requiredText,
    telefono: nullableText,
    dni,
    foto_url: httpUrl,
    cuenta,
  },
  required: ['nombres', 'apellidos', 'dni', 'cuenta'],
  additionalProperties: false,
};

/** Registers a person, linked to the account that may edit it. */
export const registerPersona: Command<RegisterPersonaBody, PersonaRecord> = {
  name: 'RegisterPersona',
  aggregate: persona,
  subject: { begins: true },
  decide({ nombres, apellidos, telefono = null, dni, foto_url = null, cuenta }, state, { id, now }) {
    if (state) return { code: 'id-taken' };
    const data = { id, nombres, apellidos, telefono, dni, foto_url, cuenta, created_at: now };
    return [{ type: 'PersonaRegistered', data }];
  },
};
