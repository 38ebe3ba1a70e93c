import type { Context } from 'koa';
import { SOCIO_CHOICES, type RollFilters } from '../../../roll/filters.ts';
import type { Parameter } from '../../route/parameter.ts';
import { issueOf, type Issue, type JsonSchema } from '../../../validation/schema.ts';
import { momentSchema, type MomentRules } from '../../requests/moments.ts';
import { integerIn, limitOf, placeOf, searchOf } from '../../requests/parameters.ts';

/** The query of a list of people. */
export interface RollQuery {
  /** Milliseconds since 1970; null: now. */
  at: number | null;
  filters: RollFilters;
  limit: number;
  cursor: string | null;
  /** The names of the given filters, which may be logged, unlike their values. */
  given: string[];
}

const FILTERS = ['at', 'q', 'categoria', 'socio', 'activo'] as const;
const MAX_CATEGORIA_LENGTH = 200;

const query = (name: string, description: string, schema: JsonSchema): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});

export const atParameter = query(
  'at',
  'A moment: an RFC 3339 instant, or a date, which means the end of that day in TIME_ZONE. The list as it was then; without it, as it is now.',
  momentSchema,
);

/** The filters that only users have. */
export const userFilterParameters: Parameter[] = [
  query('categoria', 'Only users of this categoria; case and accents do not matter.', {
    type: 'string',
    minLength: 1,
    maxLength: MAX_CATEGORIA_LENGTH,
    examples: ['socio'],
  }),
  query('socio', 'Only members, or only others; 1 stands for Socio, 0 for NoSocio.', {
    enum: ['Socio', 'NoSocio', '1', '0'],
  }),
  query(
    'activo',
    'Only users who were active on the day: fechaalta on or before it, and no fechabaja on or before it; `false`: only the others.',
    { enum: ['true', 'false'] },
  ),
];

const FLAG: Partial<Record<string, boolean>> = { true: true, false: false };

/** The query of a list, or all its issues by name. */
export function readRollQuery(ctx: Context, rules: MomentRules): { query: RollQuery } | { faults: Issue[] } {
  const faults: Issue[] = [];
  const limit = limitOf(ctx, faults);
  const q = searchOf(ctx, faults);
  const at = momentIn(ctx, 'at', rules, faults);
  const categoria = categoriaIn(ctx, faults);
  const socio = choiceIn(ctx, 'socio', SOCIO_CHOICES, faults);
  const activo = flagIn(ctx, 'activo', faults);
  const cursor = ctx.query['at'] === undefined ? listCursorIn(ctx, faults) : cursorIn(ctx, faults);
  if (faults.length > 0 || limit === null || q === null) return { faults };
  const given = FILTERS.filter((name) => ctx.query[name] !== undefined);
  return { query: { at, filters: { q, categoria, socio, activo }, limit, cursor, given } };
}

/** The moment in a parameter; null if it is missing, or, with an issue, if it is invalid. */
export function momentIn(
  ctx: Context,
  name: string,
  { moments, now }: MomentRules,
  faults: Issue[],
): number | null {
  const text = ctx.query[name];
  if (text === undefined) return null;
  const read = typeof text === 'string' ? moments.read(text, now()) : { issue: 'moment' };
  if ('at' in read) return read.at;
  faults.push(issueOf(name, read.issue));
  return null;
}

/** The cursor as given. */
export function cursorIn(ctx: Context, faults: Issue[]): string | null {
  const { cursor } = ctx.query;
  if (cursor === undefined) return null;
  if (typeof cursor === 'string' && cursor !== '') return cursor;
  faults.push(issueOf('cursor', 'cursor'));
  return null;
}

/** The cursor of a list as it is now. */
function listCursorIn(ctx: Context, faults: Issue[]): string | null {
  const cursor = cursorIn(ctx, faults);
  return cursor === null || placeOf(ctx, integerIn, faults) === null ? null : cursor;
}

export const flagIn = (ctx: Context, name: string, faults: Issue[]): boolean | null =>
  choiceIn(ctx, name, FLAG, faults);

function choiceIn<T>(
  ctx: Context,
  name: string,
  choices: Partial<Record<string, T>>,
  faults: Issue[],
): T | null {
  const text = ctx.query[name];
  if (text === undefined) return null;
  const value = typeof text === 'string' && Object.hasOwn(choices, text) ? choices[text] : undefined;
  if (value !== undefined) return value;
  faults.push(issueOf(name, 'enum', Object.keys(choices)));
  return null;
}

function categoriaIn(ctx: Context, faults: Issue[]): string | null {
  const { categoria } = ctx.query;
  if (categoria === undefined) return null;
  if (typeof categoria !== 'string') faults.push(issueOf('categoria', 'type', 'string'));
  else if (categoria.trim() === '') faults.push(issueOf('categoria', 'minLength'));
  else if (categoria.length > MAX_CATEGORIA_LENGTH)
    faults.push(issueOf('categoria', 'maxLength', MAX_CATEGORIA_LENGTH));
  else return categoria;
  return null;
}
