import type { Logger } from 'pino';
import { requiredText } from '../../validation/fields.ts';
import { bodyCheck, type JsonSchema } from '../../validation/schema.ts';
import type { ParkedSubjects } from '../../projections/parking/createParkedSubjects.ts';
import type { ParkedEntry, ParkedOutcome, ParkedPlace } from '../../projections/parking/parkedSubjects.ts';
import { subjectOf } from '../../events/streams.ts';
import { answerJson } from '../answers/answers.ts';
import { requestState } from '../route/requestState.ts';
import { PROBLEM, RequestError } from '../errors/errors.ts';
import { nextLink } from '../answers/nextLink.ts';
import { encodeCursor, pathParameter, walkParameters, walkRequestOf } from '../requests/parameters.ts';
import type { Parameter } from '../route/parameter.ts';
import { route, type Route } from '../route/route.ts';
import { named } from '../../presentation/schemaNames.ts';
import { exactly } from '../../presentation/schemas.ts';

interface SkipBody {
  /** Why; stored with the skip. */
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
  description:
    'The id of the entry: view, subject id and revision of the event, such as users-15.3. A skip also accepts the id ' +
    'of an event that the view cannot apply and at which no subject is parked, such as one at which a rebuild failed.',
  schema: { type: 'string', minLength: 1, examples: ['users-15.3'] },
};

const text: JsonSchema = { type: 'string' };

const entrySchema = named(
  'ParkedSubject',
  exactly({
    id: { type: 'string', examples: ['users-15.3'] },
    projection: text,
    subject: { type: 'string', pattern: '^(persona|user)-\\d+$' },
    position: { type: 'string', pattern: '^\\d{1,20}$' },
    revision: { type: 'integer', minimum: 0 },
    type: text,
    reason: text,
    attempts: { type: 'integer', minimum: 1 },
    at: { type: 'string', format: 'date-time' },
  }),
);

/** The routes of parked subjects. */
export function parkedRoutes({ parking, logger }: { parking: ParkedSubjects; logger: Logger }): Route[] {
  const shared = { tag: 'parked', roles: ['admin'], style: PROBLEM } as const;

  const list = route({
    ...shared,
    method: 'GET',
    path: '/admin/parked',
    operationId: 'listParked',
    needs: 'read model',
    summary: 'List subjects whose next event a view cannot apply',
    parameters: walkParameters,
    answer: {
      status: 200,
      description: 'One entry per subject and view.',
      schema: exactly({
        parked: { type: 'array', items: entrySchema },
        next: { type: ['string', 'null'], description: 'The cursor of the next page; null at the end.' },
      }),
      headers: ['Link'],
    },
    refusals: ['invalid'],
    async handle({ ctx }) {
      const { after, limit } = walkRequestOf(ctx, placeIn);
      // One more than requested shows whether there is a next page.
      const entries = await parking.list({ after, limit: limit + 1 });
      const page = entries.slice(0, limit);
      const last = page.at(-1);
      const next = last && entries.length > limit ? encodeCursor(textOf(last)) : null;
      if (next !== null) ctx.set('link', nextLink(ctx, next));
      answerJson(ctx, { parked: page.map(presentParkedSubject), next });
    },
  });

  const retry = route({
    ...shared,
    method: 'POST',
    path: '/admin/parked/:id/retry',
    operationId: 'retryParked',
    needs: 'both',
    summary: 'Retry a parked subject',
    parameters: [idParameter],
    answer: {
      status: 200,
      description:
        'The remaining entry, with one more attempt or on a later event, and X-Padron-Behind; without that header the subject is caught up, ' +
        'and the entry is the one that was retried.',
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
      answerJson(ctx, presentParkedSubject(left ?? entry));
    },
  });

  const skip = route<SkipBody>({
    ...shared,
    method: 'POST',
    path: '/admin/parked/:id/skip',
    operationId: 'skipParked',
    needs: 'both',
    summary: 'Skip the event at which a subject is parked, permanently',
    parameters: [idParameter],
    body: { schema: named('SkipParked', skipSchema), check: bodyCheck<SkipBody>(skipSchema) },
    answer: {
      status: 200,
      description:
        'The entry of the skipped event; with X-Padron-Behind if the subject is now parked at a later event.',
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
      answerJson(ctx, presentParkedSubject(entry));
    },
  });

  return [list, retry, skip];
}

/** The end of a page, as text for its cursor. */
const textOf = ({ projection, subject }: ParkedEntry): string =>
  `${projection}-${subjectOf(subject)?.id ?? 0}`;

function placeIn(text: string): ParkedPlace | null {
  const [, projection, id] = /^([a-z]+)-([1-9]\d{0,15})$/.exec(text) ?? [];
  return projection !== undefined ? { projection, id: Number(id) } : null;
}

function found(outcome: ParkedOutcome | null): ParkedOutcome {
  if (!outcome) throw new RequestError('not-found');
  return outcome;
}

/** An entry as answers and the command line show it. */
export const presentParkedSubject = ({
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
