import type { Context } from 'koa';
import { issueOf, type Issue } from '../../validation/schema.ts';
import type { NotThere, PointInTime } from '../../history/asOf.ts';
import { RequestError } from '../errors/errors.ts';
import type { Needs } from '../route/needs.ts';
import { momentSchema, type MomentRules } from './moments.ts';
import { integerIn } from './parameters.ts';
import type { Parameter } from '../route/parameter.ts';
import { revision } from '../../presentation/schemas.ts';

export const pointInTimeParameters: Parameter[] = [
  {
    name: 'at',
    in: 'query',
    description:
      'An RFC 3339 instant, or a date, which means the end of that day in TIME_ZONE: the document as it was then. Not together with `revision`.',
    schema: momentSchema,
  },
  {
    name: 'revision',
    in: 'query',
    description: 'A revision: the document as it was then. Not together with `at`.',
    schema: revision,
  },
];

/**
 * The stores that a read of a document needs: its past is folded from the events, its present comes
 * from either store.
 */
export const documentNeeds = ({ query }: Context): Needs =>
  query['at'] === undefined && query['revision'] === undefined ? 'either' : 'event store';

/**
 * The point in time a read asks for (`at` or `revision`), or null for now. Throws 400 if it is
 * malformed or if both are given.
 */
export function pointInTimeOf(ctx: Context, { moments, now }: MomentRules): PointInTime | null {
  const { at, revision } = ctx.query;
  if (at !== undefined && revision !== undefined) throw refusalOf('at', 'alone', 'revision');
  if (revision !== undefined) {
    const wanted = revisionIn(revision, 'revision');
    if (typeof wanted === 'number') return { revision: wanted };
    throw new RequestError('invalid', { faults: [wanted] });
  }
  if (at === undefined) return null;
  const read = typeof at === 'string' ? moments.readForRecord(at, now()) : ({ issue: 'moment' } as const);
  if ('issue' in read) throw refusalOf('at', read.issue);
  return read;
}

/** The two revisions of a diff. Refuses invalid ones, both at once, by name (400). */
export function revisionsOf(ctx: Context): { from: number; to: number } {
  const from = revisionIn(ctx.query['from'], 'from');
  const to = revisionIn(ctx.query['to'], 'to');
  if (typeof from === 'number' && typeof to === 'number') return { from, to };
  throw new RequestError('invalid', { faults: [from, to].filter((one) => typeof one !== 'number') });
}

/** The error for a point in time without a record: 404 with the reason, 410 for an erased subject. */
export function missingAt(missing: NotThere, parameter: string): RequestError {
  if (missing === 'erased') return new RequestError('erased');
  if (missing === 'unknown') return new RequestError('not-found');
  return new RequestError('not-found', { faults: [issueOf(parameter, missing)] });
}

export const momentName = (moment: PointInTime): 'at' | 'revision' => ('at' in moment ? 'at' : 'revision');

function revisionIn(text: string | string[] | undefined, name: string): number | Issue {
  if (text === undefined) return issueOf(name, 'required');
  return integerIn(text) ?? issueOf(name, 'type', 'integer');
}

const refusalOf = (name: string, rule: string, wanted?: unknown): RequestError =>
  new RequestError('invalid', { faults: [issueOf(name, rule, wanted)] });
