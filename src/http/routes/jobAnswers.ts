import type { Context } from 'koa';
import type { Logger } from 'pino';
import type { Actor } from '../../events/types.ts';
import { isUnfinished, type Job } from '../../projections/record/viewRecord.ts';
import type { JobRefusal, Jobs } from '../../projections/rebuild/jobs.ts';
import { answerJson } from '../answers/answers.ts';
import { requestState } from '../route/requestState.ts';
import { RequestError } from '../errors/errors.ts';
import type { Route } from '../route/route.ts';
import { jobSchema, presentJob } from '../../presentation/presentJob.ts';

/** The answer of the routes that begin a job. */
export const begunAnswer: Route['answer'] = {
  status: 202,
  description: 'The job has begun; the instance that maintains the view does the work.',
  schema: jobSchema,
  headers: ['Location'],
};

interface Begin {
  jobs: Jobs;
  logger: Logger;
  /** The view; null for a verification or an import. */
  of?: string | null;
  kind?: Job['kind'];
  /** Where the job is found. */
  path?: string;
  begin(): Promise<Job | JobRefusal>;
}

/** Begins a job and answers it with its location. Throws the routes' errors. */
export async function answerBegun(
  ctx: Context,
  actor: Actor,
  { jobs, logger, of = null, kind, path = '/admin/jobs', begin }: Begin,
): Promise<void> {
  const begun = await begin();
  if (typeof begun === 'string') throw await beginningRefused(begun, { of, kind }, jobs);
  noteChange(ctx, actor, { logger, job: begun, what: 'job begun' });
  ctx.status = 202;
  ctx.set('location', `${path}/${begun.id}`);
  answerJson(ctx, presentJob(begun));
}

async function beginningRefused(
  refusal: JobRefusal,
  { of, kind }: { of: string | null; kind: Job['kind'] | undefined },
  jobs: Jobs,
): Promise<RequestError> {
  if (refusal === 'unknown') return new RequestError('not-found');
  if (refusal !== 'busy') return new RequestError(refusal);
  const isOther = (job: Job): boolean =>
    isUnfinished(job) && job.projection === of && (kind === undefined || job.kind === kind);
  const other = (await jobs.list()).find(isOther);
  return new RequestError('busy', other ? { detail: `${other.id} is ${other.state}` } : {});
}

/** Logs who changed which job, because the access log knows neither. */
export function noteChange(
  ctx: Context,
  { account }: Actor,
  { logger, job, what }: { logger: Logger; job: Job; what: string },
): void {
  const { requestId } = requestState(ctx);
  logger.info({ requestId, account, job: job.id, kind: job.kind }, what);
}
