import type { Context } from 'koa';
import type { Actor } from '../../../events/types.ts';
import type { Deadline } from '../../../platform/deadline.ts';
import type { NamedRoll } from '../../../roll/named/rollLog.ts';
import { withinRollLimit } from '../../../roll/wholeRoll/rollWork.ts';
import type { NamedRollService } from '../../../roll/named/namedRollService.ts';
import { requiredText } from '../../../validation/fields.ts';
import { bodyCheck, issueOf, type JsonSchema } from '../../../validation/schema.ts';
import { named } from '../../../presentation/schemaNames.ts';
import {
  namedRollListSchema,
  namedRollSchema,
  rollVerificationSchema,
} from '../../../presentation/rollSchemas.ts';
import { answerJson, answerPosition } from '../../answers/answers.ts';
import { PROBLEM, RequestError } from '../../errors/errors.ts';
import { commandRequest, idempotencyKeyParameter, type BodyKeys } from '../../requests/commandRequest.ts';
import { momentSchema, type MomentRules } from '../../requests/moments.ts';
import { integerIn, pathParameter } from '../../requests/parameters.ts';
import type { Parameter } from '../../route/parameter.ts';
import { onceClosed, requestState } from '../../route/requestState.ts';
import { route, type Route } from '../../route/route.ts';

const READERS = ['admin', 'auditor', 'monitor'];

interface NameRollBody {
  name: string;
  kind: 'users' | 'personas';
  at: string;
}

const nameRollSchema: JsonSchema = {
  type: 'object',
  properties: {
    name: { ...requiredText, examples: ['Elections 2026'] },
    kind: { enum: ['users', 'personas'] },
    // Only checked for being empty: a malformed moment is refused with a text of its own, not for its length.
    at: { ...momentSchema, minLength: 1 },
  },
  required: ['name', 'kind', 'at'],
  additionalProperties: false,
};

export const rollIdParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the named roll.',
  schema: { type: 'integer', minimum: 1, examples: [1] },
};

export interface NamedRollParts {
  named: NamedRollService;
  moments: MomentRules;
  key: BodyKeys;
}

const namedAnswer: Route['answer'] = {
  status: 201,
  description:
    'The named roll. Everybody on it is folded and counted: that may take longer than 10 seconds, at most 10 minutes.',
  schema: namedRollSchema,
  headers: ['Location', 'X-Padron-Position'],
};

/** The routes that name rolls, list them and prove them (docs/reference/rolls.md). */
export function namedRollRoutes(parts: () => NamedRollParts): Route[] {
  const shared = { tag: 'rolls', roles: READERS, style: PROBLEM } as const;

  const create = route<NameRollBody>({
    ...shared,
    method: 'POST',
    path: '/rolls',
    operationId: 'nameRoll',
    needs: 'both',
    summary: 'Name the roll at a moment, so that it can be proved later',
    readsWholeRoll: () => true,
    parameters: [idempotencyKeyParameter],
    body: { schema: named('NameRoll', nameRollSchema), check: bodyCheck<NameRollBody>(nameRollSchema) },
    answer: namedAnswer,
    refusals: ['invalid', 'taken', 'key-reused', 'unavailable'],
    async handle({ ctx, body, actor }) {
      const { named: rolls, moments, key } = parts();
      const { name, kind } = body;
      refuseKind(kind, actor);
      const read = moments.moments.read(body.at, moments.now());
      if ('issue' in read) throw new RequestError('invalid', { faults: [issueOf('at', read.issue)] });
      const request = commandRequest(ctx, actor, body, key);
      const outcome = await whileAwaited(ctx, (deadline) =>
        rolls.name({ name, kind, at: read.at }, request, deadline),
      );
      if ('rejection' in outcome) throw refusalFor(outcome.rejection);
      ctx.set('location', `/rolls/${outcome.roll.id}`);
      answerPosition(ctx, outcome.roll.position);
      answerJson(ctx, presentNamedRoll(outcome.roll));
      ctx.status = 201;
    },
  });

  const list = route({
    ...shared,
    method: 'GET',
    path: '/rolls',
    operationId: 'listNamedRolls',
    needs: 'event store',
    summary: 'Named rolls, in the order in which they were named',
    answer: {
      status: 200,
      description: 'All of them; for a monitor, those of users.',
      schema: namedRollListSchema,
    },
    refusals: ['unavailable'],
    async handle({ ctx, actor }) {
      const all = await parts().named.list(requestState(ctx));
      answerJson(ctx, { rolls: all.filter(({ kind }) => mayRead(kind, actor)).map(presentNamedRoll) });
    },
  });

  const one = route({
    ...shared,
    method: 'GET',
    path: '/rolls/:id',
    operationId: 'getNamedRoll',
    needs: 'event store',
    summary: 'One named roll',
    parameters: [rollIdParameter],
    answer: { status: 200, description: 'The roll.', schema: namedRollSchema },
    refusals: ['not-found', 'unavailable'],
    async handle({ ctx, actor }) {
      answerJson(ctx, presentNamedRoll(await namedRollOf(ctx, parts().named, actor)));
    },
  });

  const verify = route({
    ...shared,
    method: 'POST',
    path: '/rolls/:id/verify',
    operationId: 'verifyNamedRoll',
    needs: 'both',
    summary: 'Fold a named roll again and compare it with its digest',
    readsWholeRoll: () => true,
    parameters: [rollIdParameter],
    answer: {
      status: 200,
      description:
        'The roll as folded now; `matches` says whether it still equals the named one. May take longer than 10 seconds, at most 10 minutes.',
      schema: rollVerificationSchema,
    },
    refusals: ['not-found', 'unavailable'],
    async handle({ ctx, actor }) {
      const { named: rolls } = parts();
      const roll = await namedRollOf(ctx, rolls, actor);
      const { count, digest, erased } = await whileAwaited(ctx, (deadline) =>
        rolls.digest({ ...roll, revision: roll.fixed }, deadline),
      );
      const matches = count === roll.count && digest === roll.digest;
      answerJson(ctx, { matches, count, digest, erasedSince: erased });
    },
  });

  return [create, list, one, verify];
}

/** Runs work on a whole roll until its limit, or until the client disconnects. */
const whileAwaited = <T>(ctx: Context, work: (deadline: Deadline) => Promise<T>): Promise<T> =>
  withinRollLimit((deadline) => {
    onceClosed(ctx, () => {
      deadline.cancel();
    });
    return work(deadline);
  });

/** The named roll in the path. Refuses an unknown one (404) and one that the caller may not read (403). */
export async function namedRollOf(ctx: Context, rolls: NamedRollService, actor: Actor): Promise<NamedRoll> {
  const id = integerIn(pathParameter(ctx, 'id')) ?? 0;
  const roll = (await rolls.list(requestState(ctx))).find((one) => one.id === id);
  if (!roll) throw new RequestError('not-found');
  refuseKind(roll.kind, actor);
  return roll;
}

/** Rolls of persons are not for monitors. */
const mayRead = (kind: NamedRoll['kind'], { role }: Actor): boolean => kind === 'users' || role !== 'monitor';

function refuseKind(kind: NamedRoll['kind'], actor: Actor): void {
  if (!mayRead(kind, actor)) throw new RequestError('forbidden');
}

function refusalFor(rejection: 'taken' | 'key-reused' | 'contention'): RequestError {
  if (rejection === 'taken') return new RequestError('taken', { faults: [issueOf('name', 'taken')] });
  if (rejection === 'key-reused') return new RequestError('key-reused');
  return new RequestError('unavailable', { cause: new Error('other writers won every attempt') });
}

const presentNamedRoll = ({ position, at, ...roll }: NamedRoll): object => ({
  id: roll.id,
  name: roll.name,
  kind: roll.kind,
  at: new Date(at).toISOString(),
  position: String(position),
  count: roll.count,
  digest: roll.digest,
  by: { account: roll.by.account, role: roll.by.role },
  createdAt: roll.createdAt,
});
