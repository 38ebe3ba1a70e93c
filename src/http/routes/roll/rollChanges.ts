import type { Context } from 'koa';
import type { Actor } from '../../../events/types.ts';
import type { Parameter } from '../../route/parameter.ts';
import { issueOf, type Issue } from '../../../validation/schema.ts';
import { RequestError } from '../../errors/errors.ts';
import { momentSchema, type MomentRules } from '../../requests/moments.ts';
import { limitOf, pageParameters, positionOf, positionParameter } from '../../requests/parameters.ts';
import { route, type Route } from '../../route/route.ts';
import { answerChanges, changesAnswer, type ChangesAsked } from './answerChanges.ts';
import { fixAt, startWalk, type RollResource } from './rollParts.ts';
import { cursorIn, flagIn, momentIn } from './rollQuery.ts';

const [limitParameter, cursorParameter] = pageParameters as [Parameter, Parameter];

/** Whether only a summary is asked for, which counts everyone. */
export const isSummary = ({ query }: Context): boolean => query['summary'] === 'true';

/** The parameters of every route that answers with changes. */
export const changesParameters: Parameter[] = [
  limitParameter,
  cursorParameter,
  {
    name: 'summary',
    in: 'query',
    description: '`true`: only how many joined, left and changed, and how many there were before and after.',
    schema: { enum: ['true', 'false'], default: 'false' },
  },
];

/** The route that compares the rolls of two moments. */
export function rollChangesRoute<State extends object>(resource: RollResource<State>): Route {
  const { path, tag, operation, pastReaders, style, kind, moments } = resource;
  return route({
    method: 'GET',
    path: `${path}/changes`,
    operationId: `listChangesOf${operation}`,
    needs: 'both',
    summary: `Who joined, left or changed between two moments`,
    tag,
    roles: pastReaders,
    readsWholeRoll: isSummary,
    parameters: [
      ...(['from', 'to'] as const).map((name) => ({
        name,
        in: 'query' as const,
        required: true,
        description:
          'A moment: an RFC 3339 instant, or a date, which means the end of that day in TIME_ZONE.',
        schema: momentSchema,
      })),
      ...changesParameters,
      positionParameter,
    ],
    queryFaults: (ctx) => {
      const read = readChangesQuery(ctx, moments);
      return 'faults' in read ? read.faults : [];
    },
    answer: changesAnswer,
    refusals: ['invalid', 'unavailable'],
    style,
    async handle({ ctx, actor }) {
      const read = readChangesQuery(ctx, moments);
      if ('faults' in read) throw new RequestError('invalid', { faults: read.faults });
      const { from, to, ...asked } = read.query;
      const question = JSON.stringify(['changes', kind.name, from, to]);
      const start = await startWalk(ctx, resource, { question, cursor: asked.cursor }, () =>
        fixAt(ctx, resource.reader(), [from, to], positionOf(ctx)),
      );
      await answerChanges(ctx, resource, { ...asked, question, start, name: `${kind.name}-changes` });
      noteChangesRead(ctx, resource, actor, ['from', 'to']);
    },
  });
}

/** Logs the read like a read of another person's history. */
function noteChangesRead(
  ctx: Context,
  { noteRead }: Pick<RollResource<never>, 'noteRead'>,
  actor: Actor,
  filters: readonly string[],
): void {
  noteRead(ctx, { actor, subject: null, filters });
}

type ChangesQuery = Pick<ChangesAsked, 'limit' | 'summary'> & { cursor: string | null };

/** The parsed parameters of every route with changes. */
export function readChangesPage(ctx: Context, faults: Issue[]): ChangesQuery | null {
  const limit = limitOf(ctx, faults);
  const cursor = cursorIn(ctx, faults);
  const summary = flagIn(ctx, 'summary', faults) ?? false;
  return limit === null ? null : { limit, cursor, summary };
}

function readChangesQuery(
  ctx: Context,
  rules: MomentRules,
): { query: ChangesQuery & { from: number; to: number } } | { faults: Issue[] } {
  const faults: Issue[] = [];
  const [from, to] = (['from', 'to'] as const).map((name) => {
    if (ctx.query[name] === undefined) faults.push(issueOf(name, 'required'));
    return momentIn(ctx, name, rules, faults);
  }) as [number | null, number | null];
  if (from !== null && to !== null && to < from) faults.push(issueOf('to', 'not-before', 'from'));
  const page = readChangesPage(ctx, faults);
  if (faults.length > 0 || from === null || to === null || page === null) return { faults };
  return { query: { ...page, from, to } };
}
