import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import { isUnfinished, type Job } from '../../projections/record/viewRecord.ts';
import type { JobRefusal, Jobs } from '../../projections/rebuild/jobs.ts';
import { jobSchema, presentJob } from '../../presentation/presentJob.ts';
import { answerJson } from '../answers/answers.ts';
import { PROBLEM, RequestError } from '../errors/errors.ts';
import { pathParameter } from '../requests/parameters.ts';
import type { Parameter } from '../route/parameter.ts';
import { onceClosed, requestState } from '../route/requestState.ts';
import { route, type Route } from '../route/route.ts';
import { EVENT_STREAM } from '../route/streamed.ts';
import { noteChange } from './jobAnswers.ts';
import { eventIdOf, jobEvents } from './jobEvents.ts';

const lastEventParameter: Parameter = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'The id of the last event received, as EventSource sends it.',
  schema: { type: 'string' },
};

/** A place in the API for jobs of some kinds. */
export interface JobPlace {
  /** `/admin/jobs`; a job is below it, by its id. */
  path: string;
  tag: string;
  /** The ending of the operation ids: `getJob`. */
  operation: string;
  /** In summaries: `a job`. */
  noun: string;
  exampleId: string;
  /** Whether this job belongs there. */
  holds(job: Job): boolean;
}

export interface JobParts {
  jobs: Jobs;
  logger: Logger;
  /** Ends the event streams: a draining server waits for requests in progress. */
  stopping: AbortSignal;
}

export const idParameterOf = ({ exampleId }: JobPlace): Parameter => ({
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the job.',
  schema: { type: 'string', minLength: 1, examples: [exampleId] },
});

/** The job that the path names. Throws 404 if it does not exist or belongs elsewhere. */
export async function jobNamed(
  ctx: Context,
  place: Pick<JobPlace, 'holds'>,
  { jobs }: Pick<JobParts, 'jobs'>,
): Promise<Job> {
  const job = await jobs.get(pathParameter(ctx, 'id'));
  if (!job || !place.holds(job)) throw new RequestError('not-found');
  return job;
}

/** The routes of one job: reading, watching, pausing, resuming and cancelling it. */
export function oneJobRoutes(place: JobPlace, parts: JobParts): Route[] {
  const { path, tag, operation, noun, exampleId } = place;
  const shared = { tag, roles: ['admin'], style: PROBLEM } as const;
  const idParameter = idParameterOf(place);
  const oneJob: Route['answer'] = { status: 200, description: 'The job.', schema: jobSchema };

  const get = route({
    ...shared,
    method: 'GET',
    path: `${path}/:id`,
    operationId: `get${operation}`,
    needs: 'read model',
    summary: `Get ${noun}`,
    parameters: [idParameter],
    answer: oneJob,
    refusals: ['not-found'],
    async handle({ ctx }) {
      answerJson(ctx, presentJob(await jobNamed(ctx, place, parts)));
    },
  });

  const events = route({
    ...shared,
    method: 'GET',
    path: `${path}/:id/events`,
    operationId: `watch${operation}`,
    needs: 'read model',
    summary: `Follow ${noun} as Server-Sent Events until it ends or the token expires`,
    parameters: [idParameter, lastEventParameter],
    answer: {
      status: 200,
      description: 'An event `job` with the job as JSON, at once and after each change.',
      schema: { type: 'string', examples: [`event: job\ndata: {"id":"${exampleId}","state":"running"}\n\n`] },
      contentType: EVENT_STREAM,
      event: { name: 'job', data: jobSchema },
      nothing: 'The job has ended and Last-Event-ID names its last event; do not reconnect.',
    },
    refusals: ['not-found'],
    async handle({ ctx }) {
      const job = await jobNamed(ctx, place, parts);
      // An EventSource reconnects even after the last event; only a 204 stops it
      // (html.spec.whatwg.org, server-sent events).
      if (!isUnfinished(job) && ctx.get('last-event-id') === eventIdOf(job)) {
        ctx.status = 204;
        return;
      }
      const signal = AbortSignal.any([untilGone(ctx), parts.stopping]);
      ctx.set('content-type', `${EVENT_STREAM}; charset=utf-8`);
      // nginx would buffer the events.
      ctx.set('x-accel-buffering', 'no');
      const { isStillAllowed } = requestState(ctx);
      const events = jobEvents(job, { look: () => parts.jobs.get(job.id), isStillAllowed, signal });
      ctx.body = Readable.from(events, { objectMode: false });
    },
  });

  const change = (
    method: 'POST' | 'DELETE',
    suffix: string,
    verb: 'pause' | 'resume' | 'cancel',
    texts: { summary: string; done: string },
    act: (jobs: Jobs, id: string) => Promise<Job | JobRefusal>,
  ): Route =>
    route({
      ...shared,
      method,
      path: `${path}/:id${suffix}`,
      operationId: `${verb}${operation}`,
      needs: 'read model',
      summary: texts.summary,
      parameters: [idParameter],
      answer: oneJob,
      refusals: ['not-found', 'ended'],
      async handle({ ctx, actor }) {
        const { id } = await jobNamed(ctx, place, parts);
        const job = await act(parts.jobs, id);
        if (job === 'ended')
          throw new RequestError('ended', { detail: `it is ${(await jobNamed(ctx, place, parts)).state}` });
        if (typeof job === 'string') throw new RequestError('not-found');
        noteChange(ctx, actor, { logger: parts.logger, job, what: texts.done });
        answerJson(ctx, presentJob(job));
      },
    });

  const pause = { summary: `Pause ${noun}`, done: 'job paused' };
  const resume = { summary: `Resume ${noun}`, done: 'job resumed' };
  const cancel = { summary: `Cancel ${noun}`, done: 'job cancelled' };

  return [
    get,
    events,
    change('POST', '/pause', 'pause', pause, (jobs, id) => jobs.pause(id)),
    change('POST', '/resume', 'resume', resume, (jobs, id) => jobs.resume(id)),
    change('DELETE', '', 'cancel', cancel, (jobs, id) => jobs.cancel(id)),
  ];
}

/** Aborts when the client disconnects. */
function untilGone(ctx: Context): AbortSignal {
  const ending = new AbortController();
  onceClosed(ctx, () => {
    ending.abort();
  });
  return ending.signal;
}
