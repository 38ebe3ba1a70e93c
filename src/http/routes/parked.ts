import type { Logger } from 'pino';
import { requiredText } from '../../validation/fields.ts';
import { bodyCheck, type JsonSchema } from '../../validation/schema.ts';
import type {
  ParkedSubjects,
  ParkedEntry,
  ParkedOutcome,
  ParkedPlace,
} from '../../projections/ports/parkedSubjects.ts';
import { subjectOf } from '../../events/streams.ts';
import { answerJson } from '../answers/answers.ts';
import { requestState } from '../route/requestState.ts';
import { PROBLEM, RequestError } from '../errors/errors.ts';
import { nextLink } from '../answers/nextLink.ts';
import { encodeWalkCursor, pathParameter, walkParameters, walkRequestOf } from '../requests/parameters.ts';
import type { Parameter } from '../route/parameter.ts';
import { route, type Route } from '../route/route.ts';
import { named } from '../../presentation/schemaNames.ts';
import { exactly } from '../../presentation/schemas.ts';

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
  description:
    'The id of the entry: view, id of the subject and revision of the event, such as users-15.3. A skip also takes the id ' +
    'of an event that the view cannot apply and that no subject is parked at, such as one at which a rebuild failed.',
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

/** The routes of the subjects that a view could not bring level (contract, section 7). */
export function parkedRoutes({ parking, logger }: { parking: ParkedSubjects; logger: Logger }): Route[] {
  const shared = { tag: 'parked', roles: ['admin'], style: PROBLEM } as const;

  const list = route({
    ...shared,
    method: 'GET',
    path: '/admin/parked',
    operationId: 'listParked',
    needs: 'read model',
    summary: 'Subjects whose next event a view could not apply',
    parameters: walkParameters,
    answer: {
      status: 200,
      description: 'One entry a subject and view.',
      schema: exactly({
        parked: { type: 'array', items: entrySchema },
        next: { type: ['string', 'null'], description: 'The cursor of the next page; null at the end.' },
      }),
      headers: ['Link'],
    },
    refusals: ['invalid'],
    async handle({ ctx }) {
      const { after, limit } = walkRequestOf(ctx, placeIn);
      // One more than asked for tells whether there is a next page.
      const entries = await parking.list({ after, limit: limit + 1 });
      const page = entries.slice(0, limit);
      const last = page.at(-1);
      const next = last && entries.length > limit ? encodeWalkCursor(textOf(last)) : null;
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
      answerJson(ctx, presentParkedSubject(left ?? entry));
    },
  });

  const skip = route<SkipBody>({
    ...shared,
    method: 'POST',
    path: '/admin/parked/:id/skip',
    operationId: 'skipParked',
    needs: 'both',
    summary: 'Pass over the event that a subject is parked at, for good',
    parameters: [idParameter],
    body: { schema: named('SkipParked', skipSchema), check: bodyCheck<SkipBody>(skipSchema) },
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
      answerJson(ctx, presentParkedSubject(entry));
    },
  });

  return [list, retry, skip];
}

/** Where a page ends, as its cursor says it. */
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
