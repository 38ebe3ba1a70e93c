import type { Logger } from 'pino';
import type { Jobs } from '../../projections/rebuild/jobs.ts';
import type { ViewStatus } from '../../projections/maintaining/viewStatus.ts';
import { answerJson } from '../answers/answers.ts';
import { PROBLEM } from '../errors/errors.ts';
import { answerBegun, begunAnswer } from './jobAnswers.ts';
import { pathParameter } from '../requests/parameters.ts';
import type { Parameter } from '../route/parameter.ts';
import { route, type Route } from '../route/route.ts';
import { named } from '../../presentation/schemaNames.ts';
import { exactly } from '../../presentation/schemas.ts';

const nameParameter: Parameter = {
  name: 'name',
  in: 'path',
  required: true,
  description: 'The name of the view.',
  schema: { type: 'string', minLength: 1, examples: ['users'] },
};

const projectionsSchema = exactly({
  projections: {
    type: 'array',
    items: named(
      'View',
      exactly({
        name: { type: 'string' },
        version: { type: 'integer' },
        generation: { type: 'integer', description: 'The one that is shown, or is to be shown first.' },
        position: { type: ['string', 'null'], pattern: '^\\d{1,20}$' },
        lagSeconds: { type: 'number', minimum: 0 },
        lagEvents: {
          type: ['integer', 'null'],
          minimum: 0,
          description: 'Null where the store cannot tell.',
        },
        state: { enum: ['live', 'catching-up', 'paused', 'stalled'] },
        parked: { type: 'integer', minimum: 0 },
        lastError: { type: ['string', 'null'] },
      }),
    ),
  },
});

/** The routes of the views as such: how they stand, and the jobs that make or bring back a generation (contract, section 7). */
export function projectionRoutes({
  jobs,
  viewStatus,
  logger,
}: {
  jobs: Jobs;
  viewStatus(): Promise<ViewStatus[]>;
  logger: Logger;
}): Route[] {
  const list = route({
    method: 'GET',
    path: '/admin/projections',
    operationId: 'listProjections',
    needs: 'read model',
    summary: 'How far the views are',
    tag: 'projections',
    roles: ['admin'],
    answer: { status: 200, description: 'Every view.', schema: projectionsSchema },
    refusals: [],
    style: PROBLEM,
    async handle({ ctx }) {
      answerJson(ctx, { projections: (await viewStatus()).map(presentView) });
    },
  });

  const shared = {
    method: 'POST',
    tag: 'projections',
    roles: ['admin'],
    parameters: [nameParameter],
    answer: begunAnswer,
    style: PROBLEM,
  } as const;

  const rebuild = route({
    ...shared,
    path: '/admin/projections/:name/rebuild',
    operationId: 'rebuildProjection',
    needs: 'read model',
    summary: 'Fill a new generation of a view from the first event on, and show it once it is level',
    refusals: ['not-found', 'busy'],
    async handle({ ctx, actor }) {
      const name = pathParameter(ctx, 'name');
      await answerBegun(ctx, actor, { jobs, logger, of: name, begin: () => jobs.rebuild(name) });
    },
  });

  const rollback = route({
    ...shared,
    path: '/admin/projections/:name/rollback',
    operationId: 'rollBackProjection',
    needs: 'read model',
    summary: 'Bring the generation that was shown before level, and show it again',
    refusals: ['not-found', 'busy', 'nothing-kept'],
    async handle({ ctx, actor }) {
      const name = pathParameter(ctx, 'name');
      await answerBegun(ctx, actor, { jobs, logger, of: name, begin: () => jobs.rollback(name) });
    },
  });

  return [list, rebuild, rollback];
}

/** A view as answers and the command line show it. */
export const presentView = ({
  name,
  version,
  generation,
  position,
  lagSeconds,
  lagEvents,
  state,
  parked,
  lastError,
}: ViewStatus): object => ({
  name,
  version,
  generation,
  position: position === null ? null : String(position),
  lagSeconds,
  lagEvents,
  state,
  parked,
  lastError,
});
