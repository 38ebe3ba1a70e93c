import type { Context } from 'koa';
import type { Issue, JsonSchema } from '../../../validation/schema.ts';
import {
  DEFAULT_LIMIT,
  HISTORY_FIELDS,
  HISTORY_TYPES,
  MAX_PAGE,
  MAX_ACCOUNT_LENGTH as MAX_ACCOUNT,
  MAX_SEARCH_LENGTH as MAX_SEARCH,
  readHistoryQuery,
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

/** The parameters of every history route. */
export const historyParameters: Parameter[] = [
  query('type', 'The type of event.', { enum: HISTORY_TYPES }),
  query('actor', 'The account that did it.', account),
  query('subject', 'To whom: persona-<id> or user-<IdUsuario>.', subject),
  query('correlation', 'The X-Correlation-Id of the request that did it.', correlation),
  query('field', 'A member that was changed.', { enum: HISTORY_FIELDS }),
  query('from', 'First instant.', instant),
  query('to', 'First instant that is not in it any more.', instant),
  query('q', 'Words that the summary or the changes contain; case and accents do not matter.', {
    type: 'string',
    maxLength: MAX_SEARCH,
  }),
  query('order', 'By instant and position.', { enum: ['asc', 'desc'], default: 'desc' }),
  query('limit', 'Entries a page; an NDJSON or CSV answer is always whole.', {
    type: 'integer',
    minimum: 1,
    maximum: MAX_PAGE,
    default: DEFAULT_LIMIT,
  }),
  query('cursor', 'The `next` of the page before, for the same query.', { type: 'string', minLength: 1 }),
  positionParameter,
  ifNoneMatchParameter,
];

/** The query of a request. Refuses a bad one, all its faults by name (400). */
export function historyQueryOf(ctx: Context): HistoryQuery {
  const read = readHistoryQuery(ctx.query);
  if ('faults' in read) throw new RequestError('invalid', { faults: read.faults });
  return read.query;
}

/** What is wrong with the parameters, but for their names: those are checked for every route. */
export function queryFaults(ctx: Context): Issue[] {
  const read = readHistoryQuery(ctx.query);
  return 'faults' in read ? read.faults.filter(({ rule }) => rule !== 'additionalProperties') : [];
}

/** A cursor that was not given out for this walk. */
export const cursorRefusal = (): RequestError =>
  new RequestError('invalid', { faults: [{ path: '/cursor', member: 'cursor', rule: 'cursor' }] });
