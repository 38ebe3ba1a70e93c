import {
  answeredSchemas,
  membersWhere,
  PERSONA_MEMBERS,
  USER_MEMBERS,
  type Member,
} from '../domain/members.ts';
import type { JsonSchema } from '../validation/schema.ts';
import { changesSchema, exactly, id, revision } from './schemas.ts';
import { named } from './schemaNames.ts';

const text: JsonSchema = { type: 'string' };
const instant: JsonSchema = { type: 'string', format: 'date-time', examples: ['2026-01-15T10:30:00.000Z'] };

/** Every member of a record; credentials show as `***`. */
const whole = (table: Readonly<Record<string, Member>>): JsonSchema =>
  exactly({
    ...answeredSchemas(table, membersWhere(table)),
    ...Object.fromEntries(
      membersWhere(table, ({ secret }) => secret).map((name) => [name, { enum: ['***', null] }]),
    ),
  });

const change = exactly({
  revision,
  type: text,
  at: instant,
  role: text,
  summary: text,
  reason: { type: ['string', 'null'] },
  changes: changesSchema,
});

const changeSchema = named('ExportedChange', {
  ...change,
  properties: {
    ...(change['properties'] as Record<string, JsonSchema>),
    unreadable: { const: true, description: 'Only if the stored event is malformed.' },
    erased: { const: true, description: 'Only if the person was erased while the export was under way.' },
  },
});

/** Everything stored about one person, for /openapi.json. */
export const personExportSchema = named('PersonExport', {
  ...exactly({
    subject: { type: 'string', pattern: '^(persona|user)-\\d+$' },
    exportedAt: instant,
    revision,
    record: {
      description: 'Every member of the record; null for a user who was removed.',
      anyOf: [whole(PERSONA_MEMBERS), whole(USER_MEMBERS), { type: 'null' }],
    },
    rolls: {
      type: 'array',
      description: 'The named rolls that include the person.',
      items: exactly({ id: { ...id, examples: [1] }, name: text, at: instant }),
    },
    changes: { type: 'array', items: changeSchema },
  }),
  examples: [
    {
      subject: 'persona-5',
      exportedAt: '2026-01-15T10:30:00.000Z',
      revision: 1,
      record: {
        id: 5,
        nombres: 'María',
        apellidos: 'Rodríguez García',
        telefono: '+34611222333',
        dni: '45678912C',
        foto_url: null,
        cuenta: 'maria',
        created_at: '2024-03-01T08:00:00.000Z',
      },
      rolls: [{ id: 1, name: 'Elections 2026', at: '2025-12-31T22:59:59.999Z' }],
      changes: [
        {
          revision: 1,
          type: 'PersonaProfileUpdated',
          at: '2026-01-10T09:00:00.000Z',
          role: 'asistente',
          summary: "The person's telefono was changed.",
          reason: null,
          changes: [{ field: 'telefono', before: null, after: '+34611222333' }],
        },
      ],
    },
  ],
});
