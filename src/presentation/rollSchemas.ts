import type { JsonSchema } from '../validation/schema.ts';
import { changesSchema, exactly, id, next, personaSchema, publicUserSchema } from './schemas.ts';
import { named } from './schemaNames.ts';

/** The schemas of answers about rolls, for /openapi.json. */

const text: JsonSchema = { type: 'string' };
const instant: JsonSchema = { type: 'string', format: 'date-time', examples: ['2025-12-31T22:59:59.999Z'] };
const count: JsonSchema = { type: 'integer', minimum: 0, examples: [412] };
/** A page of entries under `member`; `at` is present if the request named a moment. */
function rollPageSchema(member: string, entry: JsonSchema): JsonSchema {
  const page = exactly({ [member]: { type: 'array', items: entry }, next });
  return { ...page, properties: { ...(page['properties'] as object), at: instant } };
}

export const userPageSchema = named('UserPage', rollPageSchema('users', publicUserSchema));
export const personaPageSchema = named('PersonaPage', rollPageSchema('personas', personaSchema));

const change = named(
  'RollChange',
  exactly({
    kind: { enum: ['joined', 'left', 'changed'] },
    id,
    dni: text,
    name: { ...text, examples: ['María Rodríguez García'] },
    changes: changesSchema,
  }),
);

const exampleChange = {
  kind: 'changed',
  id: 15,
  dni: '45678912C',
  name: 'María Rodríguez García',
  changes: [{ field: 'cuota', before: 25, after: 30 }],
};

/** Changes in pages, or counted. */
export const rollChangesSchema = named('RollChanges', {
  oneOf: [
    named(
      'RollChangesPage',
      exactly({ changes: { type: 'array', items: change }, next, from: instant, to: instant }),
    ),
    named(
      'RollSummary',
      exactly({ joined: count, left: count, changed: count, before: count, after: count }),
    ),
  ],
  examples: [
    {
      changes: [exampleChange],
      next: null,
      from: '2024-12-31T22:59:59.999Z',
      to: '2025-12-31T22:59:59.999Z',
    },
  ],
});

const digest: JsonSchema = {
  type: 'string',
  pattern: '^[0-9a-f]{64}$',
  examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
};

export const namedRollSchema = named(
  'NamedRoll',
  exactly({
    id: { ...id, examples: [1] },
    name: { ...text, examples: ['Elections 2026'] },
    kind: { enum: ['users', 'personas'] },
    at: instant,
    position: { type: 'string', pattern: '^\\d{1,20}$' },
    count,
    digest,
    by: exactly({ account: text, role: text }),
    createdAt: { type: 'string', format: 'date-time' },
  }),
);

export const namedRollListSchema = named(
  'NamedRollList',
  exactly({ rolls: { type: 'array', items: namedRollSchema } }),
);

export const namedRollPageSchema = named('NamedRollPage', {
  ...exactly({
    entries: { type: 'array', items: { anyOf: [publicUserSchema, personaSchema] } },
    next,
    at: instant,
  }),
  examples: [{ entries: [], next: null, at: '2025-12-31T22:59:59.999Z' }],
});

export const rollVerificationSchema = named(
  'RollVerification',
  exactly({
    matches: { type: 'boolean' },
    count,
    digest,
    erasedSince: { type: 'integer', minimum: 0, description: 'Entries whose people were erased since.' },
  }),
);
