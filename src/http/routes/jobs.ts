import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import { isUnfinished, type Job } from '../../projections/record/viewRecord.ts';
import type { JobRefusal, Jobs } from '../../projections/rebuild/jobs.ts';
import { answerJson } from '../answers/answers.ts';
import { onceClosed, requestState } from '../route/requestState.ts';
import { PROBLEM, RequestError } from '../errors/errors.ts';
import { answerBegun, begunAnswer, noteChange } from './jobAnswers.ts';
import { eventIdOf, jobEvents } from './jobEvents.ts';
import { pathParameter } from '../requests/parameters.ts';
import type { Parameter } from '../route/parameter.ts';
import { route, type Route } from '../route/route.ts';
import { EVENT_STREAM } from '../route/streamed.ts';
import { jobListSchema, jobSchema, presentJob } from '../../presentation/presentJob.ts';

const idParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the job.',
  schema: { type: 'string', minLength: 1, examples: ['users-v1-2'] },
};

const lastEventParameter: Parameter = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'The id of the last event received, as EventSource sends it.',
  schema: { type: 'string' },
};

const SHARED = { tag: 'jobs', roles: ['admin'], style: PROBLEM } as const;
const ONE_JOB: Route['answer'] = { status: 200, description: 'The job.', schema: jobSchema };

/** The routes of jobs: watching, pausing, cancelling, and verification. */
export function jobRoutes({
  jobs,
  logger,
  stopping,
}: {
  jobs: Jobs;
  logger: Logger;
  /** Ends the event streams: a draining server waits for requests in progress. */
  stopping: AbortSignal;
}): Route[] {
  const list = route({
    ...SHARED,
    method: 'GET',
    path: '/admin/jobs',
    operationId: 'listJobs',
    needs: 'read model',
    summary: 'List running jobs and the last ones that ended',
    answer: { status: 200, description: 'Newest first.', schema: jobListSchema },
    refusals: [],
    async handle({ ctx }) {
      answerJson(ctx, { jobs: (await jobs.list()).map(presentJob) });
    },
  });

  const get = route({
    ...SHARED,
    method: 'GET',
    path: '/admin/jobs/:id',
    operationId: 'getJob',
    needs: 'read model',
    summary: 'Get a job',
    parameters: [idParameter],
    answer: ONE_JOB,
    refusals: ['not-found'],
    async handle({ ctx }) {
      answerJson(ctx, presentJob(await jobNamed(jobs, ctx)));
    },
  });

  const change = (
    method: 'POST' | 'DELETE',
    suffix: string,
    operation: { operationId: string; summary: string; done: string },
    act: (id: string) => Promise<Job | JobRefusal>,
  ): Route =>
    route({
      ...SHARED,
      method,
      path: `/admin/jobs/:id${suffix}`,
      operationId: operation.operationId,
      needs: 'read model',
      summary: operation.summary,
      parameters: [idParameter],
      answer: ONE_JOB,
      refusals: ['not-found', 'ended'],
      async handle({ ctx, actor }) {
        const job = await act(pathParameter(ctx, 'id'));
        if (job === 'ended')
          throw new RequestError('ended', { detail: `it is ${(await jobNamed(jobs, ctx)).state}` });
        if (typeof job === 'string') throw new RequestError('not-found');
        noteChange(ctx, actor, { logger, job, what: operation.done });
        answerJson(ctx, presentJob(job));
      },
    });

  const pause = { operationId: 'pauseJob', summary: 'Pause a job', done: 'job paused' };
  const resume = { operationId: 'resumeJob', summary: 'Resume a job', done: 'job resumed' };
  const cancel = {
    operationId: 'cancelJob',
    summary: 'Cancel a job and discard its work',
    done: 'job cancelled',
  };

  const verify = route({
    ...SHARED,
    method: 'POST',
    path: '/admin/verify',
    operationId: 'verifyProjections',
    needs: 'read model',
    summary: 'Compare every view with the fold of its events',
    answer: begunAnswer,
    refusals: ['busy'],
    async handle({ ctx, actor }) {
      await answerBegun(ctx, actor, { jobs, logger, of: null, begin: () => jobs.verify() });
    },
  });

  return [
    list,
    get,
    watchRoute(jobs, stopping),
    change('POST', '/pause', pause, (id) => jobs.pause(id)),
    change('POST', '/resume', resume, (id) => jobs.resume(id)),
    change('DELETE', '', cancel, (id) => jobs.cancel(id)),
    verify,
  ];
}

/** Follows a job. */
function watchRoute(jobs: Jobs, stopping: AbortSignal): Route {
  return route({
    ...SHARED,
    method: 'GET',
    path: '/admin/jobs/:id/events',
    operationId: 'watchJob',
    needs: 'read model',
    summary: 'Follow a job as Server-Sent Events until it ends or the token expires',
    parameters: [idParameter, lastEventParameter],
    answer: {
      status: 200,
      description: 'An event `job` with the job as JSON, at once and after each change.',
      schema: { type: 'string', examples: ['event: job\ndata: {"id":"users-v1-2","state":"running"}\n\n'] },
      contentType: EVENT_STREAM,
      event: { name: 'job', data: jobSchema },
      nothing: 'The job has ended and Last-Event-ID names its last event; do not reconnect.',
    },
    refusals: ['not-found'],
    async handle({ ctx }) {
      const job = await jobNamed(jobs, ctx);
      // An EventSource reconnects even after the last event; only a 204 stops it
      // (html.spec.whatwg.org, server-sent events).
      if (!isUnfinished(job) && ctx.get('last-event-id') === eventIdOf(job)) {
        ctx.status = 204;
        return;
      }
      const signal = AbortSignal.any([untilGone(ctx), stopping]);
      ctx.set('content-type', `${EVENT_STREAM}; charset=utf-8`);
      // nginx would buffer the events.
      ctx.set('x-accel-buffering', 'no');
      const { isStillAllowed } = requestState(ctx);
      const events = jobEvents(job, { look: () => jobs.get(job.id), isStillAllowed, signal });
      ctx.body = Readable.from(events, { objectMode: false });
    },
  });
}

async function jobNamed(jobs: Jobs, ctx: Context): Promise<Job> {
  const job = await jobs.get(pathParameter(ctx, 'id'));
  if (!job) throw new RequestError('not-found');
  return job;
}

/** Aborts when the client disconnects. */
function untilGone(ctx: Context): AbortSignal {
  const ending = new AbortController();
  onceClosed(ctx, () => {
    ending.abort();
  });
  return ending.signal;
}
