import type { Logger } from 'pino';
import type { Jobs } from '../../projections/rebuild/jobs.ts';
import type { ViewStatus } from '../../availability/viewStatus.ts';
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
        generation: {
          type: 'integer',
          description: 'The current generation, or the one that is built first.',
        },
        position: { type: ['string', 'null'], pattern: '^\\d{1,20}$' },
        lagSeconds: { type: 'number', minimum: 0 },
        lagEvents: {
          type: ['integer', 'null'],
          minimum: 0,
          description: 'Null if the store cannot count them.',
        },
        state: { enum: ['live', 'catching-up', 'paused', 'stalled'] },
        parked: { type: 'integer', minimum: 0 },
        lastError: { type: ['string', 'null'] },
      }),
    ),
  },
});

/** The routes of the views: their state, and the jobs that build or restore a generation. */
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
    summary: 'Get the state of the views',
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
    summary: 'Rebuild a view from the first event and switch to it once it has caught up',
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
    summary: 'Catch up the previous generation and switch back to it',
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
