import type { ImportCounts, ListImport } from '../projections/record/listImport.ts';
import type { JsonSchema } from '../validation/schema.ts';
import { named } from './schemaNames.ts';
import { changesSchema, exactly } from './schemas.ts';

/** The counts of an import or of a dry run, as answers show them. */
export const presentCounts = ({ failed, ...counts }: ImportCounts): object => ({
  ...counts,
  refused: failed,
});

/** An import as its job shows it, without the contents of the list. */
export const presentListImport = ({
  list,
  isUpdate,
  correlation,
  account,
  counts,
  failure,
}: ListImport): object => ({
  list,
  update: isUpdate,
  correlation,
  account,
  counts: presentCounts(counts),
  ...(failure ? { failure } : {}),
});

const count = (description: string): JsonSchema => ({ type: 'integer', minimum: 0, description });

const countsSchema = named(
  'ImportCounts',
  exactly({
    lines: count('Lines that say something.'),
    imported: count('New people.'),
    changed: count('Known people, edited as their lines say; in an update only.'),
    unchanged: count('Known people who are as their lines say, or have been registered by them before.'),
    removed: count('Of the unchanged: removed since, and left so.'),
    refused: count('Lines that were refused; the report has the first 1,000.'),
    given: exactly({
      ids: count('New people without an id, who got the next one.'),
      hashes: count('New users without a password hash, who cannot sign in yet.'),
      dates: count('New people without a registration date, who got the day of the import.'),
    }),
    suspicious: exactly({
      shortDnis: count('DNIs with seven digits: a leading zero may be lost.'),
      shortPostcodes: count('Spanish postcodes with four digits: a leading zero may be lost.'),
    }),
  }),
);

const listKind: JsonSchema = {
  enum: ['users', 'personas', null],
  description: 'What the list holds; null while unknown.',
};
const isUpdate: JsonSchema = { type: 'boolean', description: 'Whether known people are edited.' };

/** Why a list or a line of it is refused. */
export const reasonSchema = named('ListReason', {
  ...exactly({
    code: {
      type: 'string',
      description: 'The reason, or the rule that the member breaks; new ones may be added.',
      examples: ['email'],
    },
    member: { type: 'string', description: 'The member that is wrong.', examples: ['email'] },
    wanted: { description: 'What the rule wants.' },
    hint: { type: 'string', description: 'What to do about it, as a code.' },
    members: { type: 'array', items: { type: 'string' } },
    columns: {
      type: 'array',
      items: { type: 'string' },
      description: 'Columns, as spreadsheets name them.',
      examples: [['A', 'AB']],
    },
    line: { type: 'integer', minimum: 1 },
  }),
  required: ['code'],
  examples: [{ code: 'email', member: 'email' }],
});

export const listImportSchema = named('ListImport', {
  ...exactly({
    list: listKind,
    update: isUpdate,
    correlation: { type: 'string', description: 'Shared by all events of the import.' },
    account: { type: 'string', description: 'Who asked for it.' },
    counts: countsSchema,
    failure: reasonSchema,
  }),
  required: ['list', 'update', 'correlation', 'account', 'counts'],
});

const refusedSchema: JsonSchema = {
  type: 'array',
  description: 'The first 1,000 lines that are refused, by the number of the line; never what they contain.',
  items: named(
    'RefusedLine',
    exactly({
      line: { type: 'integer', minimum: 1, examples: [7] },
      errors: { type: 'array', items: { type: 'string' }, examples: [['email must be an email']] },
      reasons: { type: 'array', items: reasonSchema, description: 'The same as codes, for other words.' },
    }),
  ),
};

export const refusedLinesSchema = named(
  'ImportReport',
  exactly({ total: count('All lines that were refused.'), refused: refusedSchema }),
);

export const dryRunSchema = named(
  'DryRun',
  exactly({
    list: listKind,
    update: isUpdate,
    encoding: { type: ['string', 'null'], description: 'As what the list was read; null for ASCII.' },
    counts: countsSchema,
    refused: refusedSchema,
    changes: {
      type: 'array',
      description: 'The first 1,000 edits of known people.',
      items: exactly({
        line: { type: 'integer', minimum: 1, examples: [2] },
        subject: { type: 'string', pattern: '^(persona|user)-\\d+$' },
        changes: changesSchema,
      }),
    },
  }),
);
