import {
  answeredSchemas,
  membersWhere,
  PERSONA_MEMBERS,
  USER_MEMBERS,
  type Member,
} from '../domain/members.ts';
import type { JsonSchema } from '../validation/schema.ts';

export { recordId as id } from '../validation/fields.ts';
import { named } from './schemaNames.ts';

/** The schemas of answers, for /openapi.json; the HTTP tests check every answer against them. */

const text: JsonSchema = { type: 'string' };
const nullableText: JsonSchema = { type: ['string', 'null'] };
/** Counts from 0 within a subject. */
export const revision: JsonSchema = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

/** An object with exactly these members. */
export const exactly = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

const answered = (table: typeof PERSONA_MEMBERS | typeof USER_MEMBERS, shown: Member['shown']) =>
  answeredSchemas(
    table,
    membersWhere<Record<string, Member>>(table, (member) => member.shown === shown),
  );

export const personaSchema = named('Persona', exactly(answered(PERSONA_MEMBERS, 'always')));

export const next: JsonSchema = {
  type: ['string', 'null'],
  description: 'The cursor of the next page; null on the last one.',
  examples: [null],
};

const publicUser = answered(USER_MEMBERS, 'always');

/** A user as reads show it. */
export const publicUserSchema = named('User', exactly(publicUser));

/** A user as answers to writes show it. */
export const userSchema = named(
  'StoredUser',
  exactly({ ...publicUser, ...answered(USER_MEMBERS, 'to writers') }),
);

/** A value of any record: none is nested. */
const value: JsonSchema = { type: ['string', 'number', 'boolean', 'null'] };

export const changesSchema: JsonSchema = {
  type: 'array',
  description: 'Passwords and verification codes show as "***".',
  items: named('Change', exactly({ field: text, before: value, after: value })),
};

const exampleEntry = {
  position: '1042',
  subject: 'user-15',
  revision: 3,
  type: 'UserEdited',
  at: '2026-01-15T10:30:00.000Z',
  actor: { account: 'admin', role: 'admin' },
  correlation: '01a2166a-8e70-7d5d-88be-63fc1e981436',
  request: '01a2166a-8e70-7d5d-88be-63fc1e981436',
  summary: 'cuota of user-15 changed',
  reason: null,
  changes: [{ field: 'cuota', before: 30, after: 25 }],
};

const entryMembers = exactly({
  position: { type: 'string', pattern: '^\\d{1,20}$' },
  subject: { type: 'string', pattern: '^(persona|user)-\\d+$' },
  revision,
  type: text,
  at: { type: 'string', format: 'date-time' },
  actor: exactly({ account: nullableText, role: text }),
  correlation: text,
  request: text,
  summary: text,
  reason: nullableText,
  changes: changesSchema,
});

const entrySchema = named('HistoryEntry', {
  ...entryMembers,
  properties: {
    ...(entryMembers['properties'] as Record<string, JsonSchema>),
    unreadable: { const: true, description: 'Only if the stored event is malformed.' },
    erased: { const: true, description: 'Only if the event was erased with its subject.' },
  },
  examples: [exampleEntry],
});

export const historySchema = named(
  'HistoryPage',
  exactly({ entries: { type: 'array', items: entrySchema }, next }),
);

export const diffSchema = named('Diff', exactly({ from: revision, to: revision, changes: changesSchema }));
