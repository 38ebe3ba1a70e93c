import { dryRunSchema, refusedLinesSchema } from '../../../presentation/presentImport.ts';
import { jobListSchema, jobSchema, presentJob } from '../../../presentation/presentJob.ts';
import { answerJson } from '../../answers/answers.ts';
import { PROBLEM } from '../../errors/errors.ts';
import { idempotencyKeyParameter } from '../../requests/commandRequest.ts';
import { route, type Route } from '../../route/route.ts';
import { idParameterOf, jobNamed, oneJobRoutes, type JobPlace } from '../oneJob.ts';
import { answerDryRun } from './dryRun.ts';
import type { ImportParts } from './importParts.ts';
import { importOrderOf, importParameters, LIST_EXAMPLES } from './importParameters.ts';
import { presentRefused } from './refusedLines.ts';
import { takeAndBegin } from './takeAndBegin.ts';
import { createTakeList } from './takeList.ts';

const IMPORTS: JobPlace = {
  path: '/imports',
  tag: 'imports',
  operation: 'Import',
  noun: 'an import',
  exampleId: 'import-v1-2',
  holds: ({ import: list }) => list !== undefined,
};

const shared = { tag: 'imports', roles: ['admin'], style: PROBLEM } as const;

/**
 * The routes of lists. An import is a job like others, and found here too: a proxy may publish
 * these routes and not those of operators.
 */
export function importRoutes(parts: ImportParts): Route[] {
  const { jobs } = parts;
  const takeList = createTakeList(() => parts.imports);

  const begin = route({
    ...shared,
    method: 'POST',
    path: '/imports',
    operationId: 'importList',
    needs: ({ query }) => (query['dryRun'] === 'true' ? 'event store' : 'both'),
    summary: 'Import a list of people, or answer what importing it would do',
    parameters: [...importParameters, idempotencyKeyParameter],
    upload: { examples: LIST_EXAMPLES, maxBytes: () => parts.imports.maxBytes },
    answer: {
      status: 202,
      description: 'The import has begun, as a job.',
      schema: jobSchema,
      headers: ['Location'],
      instead: { description: 'With `dryRun=true`: what the import would do.', schema: dryRunSchema },
    },
    refusals: ['busy', 'key-reused', 'not-found'],
    async handle({ ctx, actor }) {
      const { order, isDryRun } = importOrderOf(ctx, actor);
      if (isDryRun) await takeList(ctx, order, ({ upload }) => answerDryRun(ctx, parts, { upload, order }));
      else await takeAndBegin(ctx, { ...parts, takeList }, { order, actor });
    },
  });

  const list = route({
    ...shared,
    method: 'GET',
    path: '/imports',
    operationId: 'listImports',
    needs: 'read model',
    summary: 'List the running import and the last ones that ended',
    answer: { status: 200, description: 'Newest first.', schema: jobListSchema },
    refusals: [],
    async handle({ ctx }) {
      answerJson(ctx, { jobs: (await jobs.list()).filter(IMPORTS.holds).map(presentJob) });
    },
  });

  const report = route({
    ...shared,
    method: 'GET',
    path: '/imports/:id/report',
    operationId: 'getImportReport',
    needs: 'read model',
    summary: 'Get the lines that an import refused',
    parameters: [idParameterOf(IMPORTS)],
    answer: {
      status: 200,
      description: 'The refused lines so far. The last three imports keep them.',
      schema: refusedLinesSchema,
    },
    refusals: ['not-found'],
    async handle({ ctx }) {
      const job = await jobNamed(ctx, IMPORTS, parts);
      const { import: list } = job;
      answerJson(ctx, { total: list?.counts.failed ?? 0, refused: presentRefused(list?.refused ?? []) });
    },
  });

  return [begin, list, ...oneJobRoutes(IMPORTS, parts), report];
}
