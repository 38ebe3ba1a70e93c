import type { Logger } from 'pino';
import { requiredText } from '../commands/fields.ts';
import { bodyCheck, type JsonSchema } from '../commands/schema.ts';
import type { Parking, ParkedEntry, ParkedOutcome } from '../projections/parking.ts';
import { answerJson } from './answers.ts';
import { requestState } from './app.ts';
import { PROBLEM, Refusal } from './errors.ts';
import { pathParameter, type Parameter } from './parameters.ts';
import { route, type Route } from './route.ts';
import { exactly } from './schemas.ts';

interface SkipBody {
  /** Why; kept with the fact. */
  reason: string;
}

export const skipSchema: JsonSchema = {
  type: 'object',
  properties: { reason: requiredText },
  required: ['reason'],
  additionalProperties: false,
};

const idParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the entry, such as users-15.3.',
  schema: { type: 'string' },
};

const text: JsonSchema = { type: 'string' };

const entrySchema = exactly({
  id: text,
  projection: text,
  subject: { type: 'string', pattern: '^(persona|user)-\\d+$' },
  position: { type: 'string', pattern: '^\\d{1,20}$' },
  revision: { type: 'integer', minimum: 0 },
  type: text,
  reason: text,
  attempts: { type: 'integer', minimum: 1 },
  at: { type: 'string', format: 'date-time' },
});

/** The routes of the subjects that a view could not bring level (contract, section 7). */
export function parkedRoutes({ parking, logger }: { parking: Parking; logger: Logger }): Route[] {
  const shared = { tag: 'parked', roles: ['admin'], style: PROBLEM } as const;

  const list = route({
    ...shared,
    method: 'GET',
    path: '/admin/parked',
    operationId: 'listParked',
    summary: 'Subjects whose next event a view could not apply',
    answer: {
      status: 200,
      description: 'One entry a subject and view.',
      schema: exactly({ parked: { type: 'array', items: entrySchema } }),
    },
    refusals: [],
    async handle({ ctx }) {
      answerJson(ctx, { parked: (await parking.list()).map(shownEntry) });
    },
  });

  const retry = route({
    ...shared,
    method: 'POST',
    path: '/admin/parked/:id/retry',
    operationId: 'retryParked',
    summary: 'Try again to bring a parked subject level',
    parameters: [idParameter],
    answer: {
      status: 200,
      description:
        'The entry that is left, with one more attempt or on a later event, and X-Padron-Behind; without that header the subject is level, ' +
        'and the entry is the one it was tried on.',
      schema: entrySchema,
      headers: ['X-Padron-Behind'],
    },
    refusals: ['not-found'],
    async handle({ ctx, actor }) {
      const { entry, left } = found(await parking.retry(pathParameter(ctx, 'id')));
      const { requestId } = requestState(ctx);
      const { account } = actor;
      logger.info({ requestId, account, parked: entry.id, level: left === null }, 'parked subject retried');
      if (left) ctx.set('x-padron-behind', 'true');
      answerJson(ctx, shownEntry(left ?? entry));
    },
  });

  const skip = route<SkipBody>({
    ...shared,
    method: 'POST',
    path: '/admin/parked/:id/skip',
    operationId: 'skipParked',
    summary: 'Pass over the event that a subject is parked at, for good',
    parameters: [idParameter],
    body: { schema: skipSchema, check: bodyCheck<SkipBody>(skipSchema) },
    answer: {
      status: 200,
      description:
        'The entry of the event that is passed over; with X-Padron-Behind where the subject is parked at a later event now.',
      schema: entrySchema,
      headers: ['X-Padron-Behind'],
    },
    refusals: ['not-found'],
    async handle({ ctx, body: { reason }, actor }) {
      const { requestId, correlationId } = requestState(ctx);
      const by = { reason, actor, requestId, correlationId };
      const { entry, left } = found(await parking.skip(pathParameter(ctx, 'id'), by));
      const { id, revision } = entry;
      logger.info({ requestId, account: actor.account, parked: id, revision }, 'parked event skipped');
      if (left) ctx.set('x-padron-behind', 'true');
      answerJson(ctx, shownEntry(entry));
    },
  });

  return [list, retry, skip];
}

function found(outcome: ParkedOutcome | null): ParkedOutcome {
  if (!outcome) throw new Refusal('not-found');
  return outcome;
}

/** An entry as answers and the command line show it. */
export const shownEntry = ({
  id,
  projection,
  subject,
  position,
  revision,
  type,
  reason,
  attempts,
  at,
}: ParkedEntry): object => ({
  id,
  projection,
  subject,
  position,
  revision,
  type,
  reason,
  attempts,
  at,
});
