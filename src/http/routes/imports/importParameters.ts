import type { Context } from 'koa';
import type { Actor } from '../../../events/types.ts';
import { headingMapOf, type HeadingMap } from '../../../imports/columns/matchColumns.ts';
import type { ImportOrder } from '../../../imports/jobs/importOrder.ts';
import { ListError } from '../../../imports/list/listError.ts';
import { HTTP } from '../../../imports/reasons/door.ts';
import { reasonText } from '../../../imports/reasons/reasonTexts.ts';
import { ENCODINGS, type Encoding } from '../../../imports/reading/encoding.ts';
import { SEPARATORS } from '../../../presentation/csv.ts';
import { requiredText } from '../../../validation/fields.ts';
import { bodyCheck, issueOf, type JsonSchema } from '../../../validation/schema.ts';
import { RequestError } from '../../errors/errors.ts';
import { mediaTypeOf } from '../../requests/body.ts';
import type { Parameter } from '../../route/parameter.ts';
import { requestState } from '../../route/requestState.ts';
import { CSV, NDJSON } from '../../route/streamed.ts';

const flag: JsonSchema = { enum: ['true', 'false'], default: 'false' };

const DECLARED: Record<string, { description: string; schema: JsonSchema }> = {
  dryRun: { description: 'Answers what the import would do, and stores nothing.', schema: flag },
  update: {
    description: 'Edits people whose id or DNI is known: the cells that differ, and nothing else.',
    schema: flag,
  },
  reason: {
    description: 'Why; kept with every event of the import.',
    schema: { ...requiredText, examples: ['Annual review'] },
  },
  kind: {
    description: 'What the list holds. Default: as its columns show.',
    schema: { enum: ['users', 'personas'] },
  },
  map: {
    description: 'The member that a column holds; `heading=` leaves the column out. May be repeated.',
    schema: {
      type: 'array',
      items: { type: 'string', pattern: '.=' },
      examples: [['Nº socio=IdUsuario']],
    },
  },
  encoding: {
    description:
      'Default: the charset of the content type, else UTF-8, or Windows-1252 if the list is not UTF-8.',
    schema: { enum: ENCODINGS },
  },
  separator: {
    description: 'What is between the cells of CSV. Default: as the header shows.',
    schema: { enum: Object.keys(SEPARATORS) },
  },
  decimal: {
    description: 'What is before decimals in CSV. Default: a comma where semicolons separate the cells.',
    schema: { enum: ['point', 'comma'] },
  },
  dates: {
    description: 'Dates in CSV: `iso` (2024-03-15), or `dmy` (15/03/2024 as well).',
    schema: { enum: ['iso', 'dmy'], default: 'iso' },
  },
};

export const importParameters: Parameter[] = Object.entries(DECLARED).map(
  ([name, { description, schema }]) => ({
    name,
    in: 'query',
    description,
    schema,
  }),
);

interface Query {
  dryRun?: 'true' | 'false';
  update?: 'true' | 'false';
  reason?: string;
  kind?: 'users' | 'personas';
  encoding?: Encoding;
  separator?: keyof typeof SEPARATORS;
  decimal?: 'point' | 'comma';
  dates?: 'iso' | 'dmy';
}

const { map: _map, ...CHECKED } = DECLARED;
const check = bodyCheck<Query>({
  type: 'object',
  properties: Object.fromEntries(Object.entries(CHECKED).map(([name, { schema }]) => [name, schema])),
});

/** The request's parameters. Refuses invalid ones, all at once, by name (400), and an unsupported charset (415). */
export function importOrderOf(ctx: Context, actor: Actor): { order: ImportOrder; isDryRun: boolean } {
  const { map: maps, ...query } = ctx.query;
  const checked = check({ ...query });
  const map = mapOf([maps ?? []].flat());
  const faults = [
    ...('faults' in checked ? checked.faults : []),
    ...(map === null ? [issueOf('map', 'map')] : []),
  ];
  if ('faults' in checked || map === null) throw new RequestError('invalid', { faults });
  const { dryRun, update, reason, kind, encoding, separator, decimal, dates } = checked.body;
  const media = mediaTypeOf(ctx.get('content-type'));
  const { requestId, correlationId } = requestState(ctx);
  const order: ImportOrder = {
    reading: {
      kind: kind ?? null,
      format: media?.type === NDJSON ? 'ndjson' : 'csv',
      encoding: encoding ?? charsetOf(media?.charsets ?? []),
      separator: separator ?? null,
      decimal: decimal ?? null,
      dates: dates ?? 'iso',
      map: [...map],
      isUpdate: update === 'true',
    },
    actor,
    requestId,
    correlation: correlationId,
    reason: reason ?? null,
  };
  return { order, isDryRun: dryRun === 'true' };
}

function mapOf(texts: readonly string[]): HeadingMap | null {
  try {
    return headingMapOf(texts);
  } catch (error) {
    if (error instanceof ListError) return null;
    throw error;
  }
}

/** The charset of the content type; null if absent: then the list's bytes decide. */
function charsetOf([charset, ...others]: readonly string[]): Encoding | null {
  if (charset === undefined) return null;
  const name = charset.toLowerCase().replace(/^utf-?8$/, 'utf-8');
  const known = ENCODINGS.find((one) => one === name);
  if (known && others.length === 0) return known;
  throw new RequestError('unsupported-media-type', { detail: `the charset must be ${ENCODINGS.join(', ')}` });
}

/** The content types of a list, with an example each. */
export const LIST_EXAMPLES = {
  [CSV]: 'IdUsuario,cuota\r\n15,27.5\r\n',
  [NDJSON]: '{"IdUsuario":15,"cuota":27.5}\n',
};

/** The error for a list that cannot be imported in this way. */
export const listRefusal = ({ reason }: ListError): RequestError =>
  new RequestError('invalid', { detail: reasonText(reason, HTTP), list: reason });
