import type { JsonSchema } from '../validation/schema.ts';
import type { Job } from '../projections/record/viewRecord.ts';
import { listImportSchema, presentListImport } from './presentImport.ts';
import { named } from './schemaNames.ts';
import { exactly } from './schemas.ts';

const nullableText: JsonSchema = { type: ['string', 'null'] };

/**
 * A job as answers, events and the command line show it, without the generation, which is internal.
 */
export function presentJob({
  id,
  kind,
  projection,
  state,
  processed,
  share,
  eventsPerSecond,
  etaSeconds,
  startedAt,
  endedAt,
  error,
  differences,
  import: list,
}: Job): object {
  const shown = {
    id,
    kind,
    projection,
    state,
    processed,
    share,
    eventsPerSecond,
    etaSeconds,
    startedAt,
    endedAt,
    error,
  };
  return {
    ...shown,
    ...(differences ? { differences } : {}),
    ...(list ? { import: presentListImport(list) } : {}),
  };
}

const members = exactly({
  id: { type: 'string', examples: ['users-v1-2'] },
  kind: { enum: ['rebuild', 'rollback', 'verify', 'import'] },
  projection: {
    ...nullableText,
    description: 'The view; null for a verification, which covers all, and for an import.',
  },
  state: { enum: ['running', 'paused', 'done', 'failed', 'cancelled'] },
  processed: {
    type: 'integer',
    minimum: 0,
    description:
      'Events read. A verification reads most of them twice: along the log and with their subject. Of an import, lines.',
  },
  share: { type: 'number', minimum: 0, maximum: 1 },
  eventsPerSecond: { type: 'number', minimum: 0, description: 'Of an import, lines.' },
  etaSeconds: { type: ['number', 'null'], minimum: 0, description: 'Null if unknown.' },
  startedAt: { type: 'string', format: 'date-time' },
  endedAt: { type: ['string', 'null'], format: 'date-time' },
  error: { ...nullableText, description: 'Why it failed, or what stops it.' },
});

const differenceSchema = named(
  'Difference',
  exactly({
    projection: { ...nullableText, description: 'The view; null for a reservation.' },
    subject: { type: 'string' },
    member: nullableText,
    problem: { enum: ['missing', 'unexpected', 'different', 'parked', 'reservation'] },
  }),
);

export const jobSchema = named('Job', {
  ...members,
  properties: {
    ...(members['properties'] as Record<string, JsonSchema>),
    differences: {
      type: 'array',
      items: differenceSchema,
      description: 'The first differences that a verification found.',
      examples: [[]],
    },
    import: listImportSchema,
  },
});

export const jobListSchema = named('Jobs', exactly({ jobs: { type: 'array', items: jobSchema } }));
