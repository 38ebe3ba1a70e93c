import type { JsonSchema } from '../commands/schema.ts';

/** What answers look like, for /openapi.json; the HTTP tests hold every answer against it. */

const text: JsonSchema = { type: 'string' };
const nullableText: JsonSchema = { type: ['string', 'null'] };
const date: JsonSchema = { type: 'string', format: 'date' };

/** An object with exactly these members. */
export const exactly = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

export const personaSchema = exactly({
  id: { type: 'integer' },
  nombres: text,
  apellidos: text,
  telefono: nullableText,
  dni: text,
  foto_url: nullableText,
  created_at: { type: 'string', format: 'date-time' },
});

const next: JsonSchema = {
  type: ['string', 'null'],
  description: 'The cursor of the next page; null on the last one.',
};

export const personaListSchema = exactly({ personas: { type: 'array', items: personaSchema }, next });

const publicUser = {
  IdUsuario: { type: 'integer' },
  nombre: text,
  apellidos: text,
  dni: text,
  direccion: text,
  CP: text,
  provincia: text,
  poblacion: text,
  pais: text,
  email: text,
  telefono: text,
  fechaalta: date,
  fechabaja: { type: ['string', 'null'], format: 'date' },
  formadepago: text,
  cuota: { type: 'number' },
  categoria: text,
  socio: { enum: ['Socio', 'NoSocio'] },
  isVerified: { type: 'boolean' },
} satisfies Record<string, JsonSchema>;

/** A user as reads show it. */
export const publicUserSchema = exactly(publicUser);

/** A user as the writes answer it. */
export const userSchema = exactly({
  ...publicUser,
  password: { type: 'string', description: 'The stored bcrypt hash.' },
  verificationCode: nullableText,
  verificationExpires: nullableText,
});

export const userListSchema = exactly({ users: { type: 'array', items: publicUserSchema }, next });

/** A value of any record: none of them nests. */
const value: JsonSchema = { type: ['string', 'number', 'boolean', 'null'] };

export const changesSchema: JsonSchema = {
  type: 'array',
  description: 'Passwords and verification codes show as "***".',
  items: exactly({ field: text, before: value, after: value }),
};

const entryMembers = exactly({
  position: { type: 'string', pattern: '^\\d{1,20}$' },
  subject: { type: 'string', pattern: '^(persona|user)-\\d+$' },
  revision: { type: 'integer' },
  type: text,
  at: { type: 'string', format: 'date-time' },
  actor: exactly({ account: text, role: text }),
  correlation: text,
  request: text,
  summary: text,
  reason: nullableText,
  changes: changesSchema,
});

const entrySchema: JsonSchema = {
  ...entryMembers,
  properties: {
    ...(entryMembers['properties'] as Record<string, JsonSchema>),
    unreadable: { const: true, description: 'Only where the stored event is malformed.' },
  },
};

export const historySchema = exactly({ entries: { type: 'array', items: entrySchema }, next });

export const diffSchema = exactly({
  from: { type: 'integer' },
  to: { type: 'integer' },
  changes: changesSchema,
});
