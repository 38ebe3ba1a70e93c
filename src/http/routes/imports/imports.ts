import type { Context } from 'koa';
import type { Actor } from '../../../events/types.ts';
import type { ImportOrder } from '../../../imports/jobs/importOrder.ts';
import { noCounts } from '../../../imports/run/importCounts.ts';
import type { Jobs } from '../../../projections/rebuild/jobs.ts';
import { isUnfinished } from '../../../projections/record/viewRecord.ts';
import { dryRunSchema, refusedLinesSchema } from '../../../presentation/presentImport.ts';
import { jobListSchema, jobSchema, presentJob } from '../../../presentation/presentJob.ts';
import { answerJson } from '../../answers/answers.ts';
import { PROBLEM, RequestError } from '../../errors/errors.ts';
import { route, type Route } from '../../route/route.ts';
import { answerBegun } from '../jobAnswers.ts';
import { idParameterOf, jobNamed, oneJobRoutes, type JobPlace } from '../oneJob.ts';
import { answerDryRun } from './dryRun.ts';
import type { ImportParts } from './importParts.ts';
import { importOrderOf, importParameters, LIST_EXAMPLES } from './importParameters.ts';
import { presentRefused } from './refusedLines.ts';
import { createTakeList, type TakeList } from './takeList.ts';

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
    parameters: importParameters,
    upload: { examples: LIST_EXAMPLES, maxBytes: () => parts.imports.maxBytes },
    answer: {
      status: 202,
      description: 'The import has begun, as a job.',
      schema: jobSchema,
      headers: ['Location'],
      instead: { description: 'With `dryRun=true`: what the import would do.', schema: dryRunSchema },
    },
    refusals: ['busy'],
    async handle({ ctx, actor }) {
      const { order, isDryRun } = importOrderOf(ctx, actor);
      if (isDryRun) await takeList(ctx, order, ({ upload }) => answerDryRun(ctx, parts, { upload, order }));
      else await beginImport(ctx, { ...parts, takeList }, { order, actor });
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

async function beginImport(
  ctx: Context,
  { jobs, logger, imports, takeList }: ImportParts & { takeList: TakeList },
  { order, actor }: { order: ImportOrder; actor: Actor },
): Promise<void> {
  const other = (await jobs.list()).find((job) => IMPORTS.holds(job) && isUnfinished(job));
  if (other) throw new RequestError('busy', { detail: `${other.id} is ${other.state}` });
  await takeList(ctx, order, async ({ upload, list, keep }) => {
    await imports.uploads.saveOrder(upload, order);
    const begin = (): ReturnType<Jobs['import']> =>
      jobs.import({
        upload,
        list,
        isUpdate: order.reading.isUpdate,
        correlation: order.correlation,
        account: actor.account,
        counts: noCounts(),
        refused: [],
      });
    // If the read model fails, the job may have begun nevertheless: then the list is needed.
    keep();
    try {
      await answerBegun(ctx, actor, { jobs, logger, kind: 'import', path: '/imports', begin });
    } catch (error) {
      if (error instanceof RequestError) await imports.uploads.remove(upload);
      throw error;
    }
    imports.onBegun();
  });
}
