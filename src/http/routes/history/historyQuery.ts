import { HISTORY_TYPES } from '../../../events/catalogue.ts';
import type { Context } from 'koa';
import type { Issue, JsonSchema } from '../../../validation/schema.ts';
import {
  DEFAULT_LIMIT,
  HISTORY_FIELDS,
  MAX_PAGE,
  MAX_ACCOUNT_LENGTH as MAX_ACCOUNT,
  MAX_SEARCH_LENGTH as MAX_SEARCH,
  readHistoryQuery,
  type HistoryFilters,
  type HistoryQuery,
} from '../../../history/filters.ts';
import { RequestError } from '../../errors/errors.ts';
import { ifNoneMatchParameter, positionParameter } from '../../requests/parameters.ts';
import type { Parameter } from '../../route/parameter.ts';

const instant: JsonSchema = { type: 'string', format: 'date-time', examples: ['2026-01-01T00:00:00Z'] };
const account: JsonSchema = { type: 'string', minLength: 1, maxLength: MAX_ACCOUNT };
const subject: JsonSchema = { type: 'string', pattern: '^(persona|user)-[1-9]\\d{0,15}$' };
const correlation: JsonSchema = { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' };
const query = (name: string, description: string, schema: JsonSchema): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});

const FILTERS: Record<keyof HistoryFilters, Parameter> = {
  type: query('type', 'The type of event.', { enum: HISTORY_TYPES }),
  actor: query('actor', 'The account that made the change.', account),
  subject: query('subject', 'The subject: persona-<id> or user-<IdUsuario>.', subject),
  correlation: query('correlation', 'The X-Correlation-Id of the request that made the change.', correlation),
  field: query('field', 'A member that was changed.', { enum: HISTORY_FIELDS }),
  from: query('from', 'First instant.', instant),
  to: query('to', 'First instant after the range (exclusive).', instant),
  q: query('q', 'Words that the summary or the changes contain; case and accents are ignored.', {
    type: 'string',
    maxLength: MAX_SEARCH,
  }),
};

/** The parameters of every history route. */
export const historyParameters: Parameter[] = [
  ...Object.values(FILTERS),
  query('order', 'By instant and position.', { enum: ['asc', 'desc'], default: 'desc' }),
  query('limit', 'Entries per page; NDJSON and CSV answers are always complete.', {
    type: 'integer',
    minimum: 1,
    maximum: MAX_PAGE,
    default: DEFAULT_LIMIT,
  }),
  query('cursor', 'The `next` of the previous page of the same query.', { type: 'string', minLength: 1 }),
  positionParameter,
  ifNoneMatchParameter,
];

/** The query of a request. Refuses an invalid one, naming all issues (400). */
export function historyQueryOf(ctx: Context): HistoryQuery {
  const read = readHistoryQuery(ctx.query);
  if ('faults' in read) throw new RequestError('invalid', { faults: read.faults });
  return read.query;
}

/** The issues of the parameters, except unknown names, which every route checks. */
export function queryFaults(ctx: Context): Issue[] {
  const read = readHistoryQuery(ctx.query);
  return 'faults' in read ? read.faults.filter(({ rule }) => rule !== 'additionalProperties') : [];
}

/** The error for a cursor that was not issued for this walk. */
export const cursorRefusal = (): RequestError =>
  new RequestError('invalid', { faults: [{ path: '/cursor', member: 'cursor', rule: 'cursor' }] });
