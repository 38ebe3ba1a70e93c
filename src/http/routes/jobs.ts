import { jobListSchema, presentJob } from '../../presentation/presentJob.ts';
import { answerJson } from '../answers/answers.ts';
import { PROBLEM } from '../errors/errors.ts';
import { route, type Route } from '../route/route.ts';
import { answerBegun, begunAnswer } from './jobAnswers.ts';
import { oneJobRoutes, type JobParts, type JobPlace } from './oneJob.ts';

const JOBS: JobPlace = {
  path: '/admin/jobs',
  tag: 'jobs',
  operation: 'Job',
  noun: 'a job',
  exampleId: 'users-v1-2',
  holds: () => true,
};

/** The routes of jobs: watching, pausing, cancelling, and verification. */
export function jobRoutes(parts: JobParts): Route[] {
  const shared = { tag: 'jobs', roles: ['admin'], style: PROBLEM } as const;

  const list = route({
    ...shared,
    method: 'GET',
    path: '/admin/jobs',
    operationId: 'listJobs',
    needs: 'read model',
    summary: 'List running jobs and the last ones that ended',
    answer: { status: 200, description: 'Newest first.', schema: jobListSchema },
    refusals: [],
    async handle({ ctx }) {
      answerJson(ctx, { jobs: (await parts.jobs.list()).map(presentJob) });
    },
  });

  const verify = route({
    ...shared,
    method: 'POST',
    path: '/admin/verify',
    operationId: 'verifyProjections',
    needs: 'read model',
    summary: 'Compare every view with the fold of its events',
    answer: begunAnswer,
    refusals: ['busy'],
    async handle({ ctx, actor }) {
      await answerBegun(ctx, actor, { ...parts, kind: 'verify', begin: () => parts.jobs.verify() });
    },
  });

  return [list, ...oneJobRoutes(JOBS, parts), verify];
}
