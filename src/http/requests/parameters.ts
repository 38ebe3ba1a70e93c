import type { Context } from 'koa';
import { issueOf, type Issue } from '../../validation/schema.ts';
import type { Position } from '../../events/eventStore.ts';
import { RequestError } from '../errors/errors.ts';
import type { Parameter } from '../route/parameter.ts';

const DEFAULT_LIMIT = 50;
const MAX_PAGE = 1_000;
const MAX_SEARCH_LENGTH = 200;

export const pageParameters: Parameter[] = [
  {
    name: 'limit',
    in: 'query',
    description: 'Documents per page.',
    schema: { type: 'integer', minimum: 1, maximum: MAX_PAGE, default: DEFAULT_LIMIT },
  },
  {
    name: 'cursor',
    in: 'query',
    description: 'The `next` of the previous page.',
    schema: { type: 'string', minLength: 1, examples: ['YWZ0ZXI6MTU'] },
  },
  {
    name: 'q',
    in: 'query',
    description: 'Words that begin a word of the names, dni or e-mail; case and accents are ignored.',
    schema: { type: 'string', maxLength: MAX_SEARCH_LENGTH },
  },
];

export interface PageRequest {
  after: number;
  limit: number;
  q: string;
}

/** The parameters of a list. Refuses invalid ones, all at once, by name (400). */
export function pageRequestOf(ctx: Context): PageRequest {
  const faults: Issue[] = [];
  const limit = limitOf(ctx, faults);
  const after = placeOf(ctx, integerIn, faults) ?? 0;
  const q = searchOf(ctx, faults);
  if (faults.length > 0 || limit === null || q === null) throw new RequestError('invalid', { faults });
  return { after, limit, q };
}

/** The search text, empty if there is none; null, and an issue, if it is invalid. */
export function searchOf(ctx: Context, faults: Issue[]): string | null {
  const q = ctx.query['q'] ?? '';
  if (typeof q === 'string' && q.length <= MAX_SEARCH_LENGTH) return q;
  faults.push(
    typeof q === 'string' ? issueOf('q', 'maxLength', MAX_SEARCH_LENGTH) : issueOf('q', 'type', 'string'),
  );
  return null;
}

/** The size of a page; null, and an issue, if it is invalid. */
export function limitOf(ctx: Context, faults: Issue[]): number | null {
  const limit = integerIn(ctx.query['limit'] ?? String(DEFAULT_LIMIT));
  if (limit === null) faults.push(issueOf('limit', 'type', 'integer'));
  else if (limit < 1) faults.push(issueOf('limit', 'minimum', 1));
  else if (limit > MAX_PAGE) faults.push(issueOf('limit', 'maximum', MAX_PAGE));
  return limit;
}

const CURSOR_PREFIX = 'after:';

/** The cursor of the page after a place, such as the id of a document. */
export const encodeCursor = (place: string | number): string =>
  Buffer.from(`${CURSOR_PREFIX}${place}`).toString('base64url');

/**
 * The place in the cursor, null if the query has none; also null, with an issue, for a text that encodeCursor does not
 * make or that `placeIn` does not parse.
 */
export function placeOf<Place>(
  ctx: Context,
  placeIn: (text: string) => Place | null,
  faults: Issue[],
): Place | null {
  const { cursor } = ctx.query;
  if (cursor === undefined) return null;
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : '';
  const place = text.slice(CURSOR_PREFIX.length);
  const after = encodeCursor(place) === cursor ? placeIn(place) : null;
  if (after === null) faults.push(issueOf('cursor', 'cursor'));
  return after;
}

/** The parameters of a list that is paged by a cursor alone. */
export const walkParameters: Parameter[] = pageParameters.filter(({ name }) => name !== 'q');

/**
 * The parameters of such a list; `placeIn` parses what encodeCursor was given, null if invalid.
 * Refuses invalid ones, all at once, by name (400).
 */
export function walkRequestOf<Place>(
  ctx: Context,
  placeIn: (text: string) => Place | null,
): { after: Place | null; limit: number } {
  const faults: Issue[] = [];
  const limit = limitOf(ctx, faults);
  const after = placeOf(ctx, placeIn, faults);
  if (faults.length > 0 || limit === null) throw new RequestError('invalid', { faults });
  return { after, limit };
}

/** A named part of the path; empty if the route has none. */
export const pathParameter = (ctx: Context, name: string): string =>
  (ctx['params'] as Partial<Record<string, string>>)[name] ?? '';

/** A non-negative whole number in decimal digits, null for anything else. */
export function integerIn(text: string | string[]): number | null {
  if (typeof text !== 'string' || !/^(0|[1-9]\d{0,15})$/.test(text)) return null;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : null;
}

export const positionParameter: Parameter = {
  name: 'X-Padron-Position',
  in: 'header',
  description: 'The X-Padron-Position of a write that the answer must show.',
  schema: { type: 'string', pattern: '^\\d{1,20}$' },
};

export const ifNoneMatchParameter: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  description:
    'ETags that the caller has: the answer is 304 without a body if the document still has one of them.',
  schema: { type: 'string', pattern: '\\S' },
};

/** The position that the answer must show, null if none is given. Refuses an invalid one (400). */
export function positionOf(ctx: Context): Position | null {
  const text = headerOf(ctx, 'X-Padron-Position');
  if (text === null) return null;
  if (!/^\d{1,20}$/.test(text))
    throw new RequestError('invalid', { faults: [issueOf('X-Padron-Position', 'position')] });
  return BigInt(text);
}

/** The names of a route's query parameters, and those that may be given more than once. */
export interface QueryNames {
  known: ReadonlySet<string>;
  repeatable: ReadonlySet<string>;
}

/** The names that a route declares. A list as schema is given as one parameter for each entry. */
export function queryNamesOf(parameters: readonly Parameter[] = []): QueryNames {
  const query = parameters.filter((one) => one.in === 'query');
  const lists = query.filter(({ schema }) => schema['type'] === 'array');
  return {
    known: new Set(query.map(({ name }) => name)),
    repeatable: new Set(lists.map(({ name }) => name)),
  };
}

/** An issue for each query parameter that is unknown or repeated. */
export function queryNameIssues(ctx: Context, { known, repeatable }: QueryNames): Issue[] {
  if (ctx.querystring === '') return [];
  return Object.entries(ctx.query).flatMap(([name, value]) => {
    if (!known.has(name)) return [issueOf(name, 'additionalProperties')];
    return Array.isArray(value) && !repeatable.has(name) ? [issueOf(name, 'once')] : [];
  });
}

/** A request header, null if absent. Refuses an empty one (400). */
export function headerOf(ctx: Context, name: string): string | null {
  const value = ctx.headers[name.toLowerCase()];
  if (value === undefined) return null;
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new RequestError('invalid', { faults: [issueOf(name, 'minLength')] });
}
