import type { Context } from 'koa';
import type { Horizon } from '../../../events/eventStore.ts';
import type { Actor } from '../../../events/types.ts';
import { NO_FILTERS } from '../../../roll/filters.ts';
import { batchFor, pageOf } from '../../../roll/reading/rollPage.ts';
import type { NamedRoll } from '../../../roll/named/rollLog.ts';
import { namedRollPageSchema } from '../../../presentation/rollSchemas.ts';
import { issueOf, type Issue } from '../../../validation/schema.ts';
import { answerJson } from '../../answers/answers.ts';
import { PROBLEM, RequestError } from '../../errors/errors.ts';
import { momentSchema } from '../../requests/moments.ts';
import { integerIn, limitOf, walkParameters } from '../../requests/parameters.ts';
import { requestState } from '../../route/requestState.ts';
import { route, type Route } from '../../route/route.ts';
import { streamedOf } from '../../route/streamed.ts';
import { answerChanges, changesAnswer } from './answerChanges.ts';
import { namedRollOf, rollIdParameter, type NamedRollParts } from './namedRolls.ts';
import { changesParameters, isSummary, readChangesPage } from './rollChanges.ts';
import { answerRollFile, rollFiles } from './rollList.ts';
import { instantText, nextOf, startWalk, type RollResource } from './rollParts.ts';
import { cursorIn } from './rollQuery.ts';

const READERS = ['admin', 'auditor', 'monitor'];

/** The routes that read the entries of named rolls, and the changes since. `resourceOf`: the kinds of rolls. */
export function namedRollReadRoutes(
  parts: () => NamedRollParts,
  resourceOf: (kind: NamedRoll['kind']) => RollResource<object>,
): Route[] {
  const shared = { method: 'GET', tag: 'rolls', roles: READERS, needs: 'both', style: PROBLEM } as const;
  const entriesAnswer: Route['answer'] = {
    status: 200,
    description: 'A page of its entries, by id.',
    schema: namedRollPageSchema,
    also: rollFiles({ idColumn: 'id' }),
    headers: ['Link', 'X-Padron-Behind', 'Content-Disposition'],
  };

  const entries = route({
    ...shared,
    path: '/rolls/:id/entries',
    operationId: 'listEntriesOfNamedRoll',
    summary: 'Who is on a named roll',
    parameters: [rollIdParameter, ...walkParameters],
    queryFaults: (ctx) => readPage(ctx).faults,
    answer: entriesAnswer,
    refusals: ['invalid', 'not-found', 'unavailable'],
    async handle({ ctx, actor }) {
      const { limit, cursor, faults } = readPage(ctx);
      if (faults.length > 0 || limit === null) throw new RequestError('invalid', { faults });
      const roll = await namedRollOf(ctx, parts().named, actor);
      const resource = resourceOf(roll.kind);
      const question = JSON.stringify(['named roll', roll.id]);
      const start = await startWalk(ctx, resource, { question, cursor }, () =>
        startOf(ctx, resource, [roll]),
      );
      ctx.vary('accept');
      const streamed = streamedOf(ctx, entriesAnswer);
      if (streamed) {
        const [horizon] = start.horizons as [Horizon];
        const people = { horizon, after: start.after, filters: NO_FILTERS, day: '', isProof: true };
        await answerRollFile(ctx, resource, streamed, { name: `roll-${roll.id}`, people });
      } else {
        const { deadline } = requestState(ctx);
        const walk = resource.reader().walk(start.horizons, start.after, {
          deadline,
          batch: batchFor(limit),
          isProof: true,
        });
        const page = await pageOf(walk, limit, ({ folds: [fold] }) => fold?.state ?? null);
        if (page.behind) ctx.set('x-padron-behind', 'true');
        const next = nextOf(ctx, resource, question, { horizons: start.horizons, next: page.next });
        answerJson(ctx, {
          entries: page.entries.map(resource.kind.present),
          next,
          at: instantText(roll.at),
        });
      }
      logRead(ctx, resource, actor, roll);
    },
  });

  const changes = route({
    ...shared,
    path: '/rolls/:id/changes',
    operationId: 'listChangesOfNamedRoll',
    summary: 'Who joined, left or changed since a named roll',
    readsWholeRoll: isSummary,
    parameters: [
      rollIdParameter,
      {
        name: 'to',
        in: 'query',
        required: true,
        description: 'The id of a later named roll of the same kind, or a moment.',
        schema: { ...momentSchema, minLength: 1 },
      },
      ...changesParameters,
    ],
    queryFaults: (ctx) => {
      const faults: Issue[] = [];
      readChangesPage(ctx, faults);
      return faults;
    },
    answer: changesAnswer,
    refusals: ['invalid', 'not-found', 'unavailable'],
    async handle({ ctx, actor }) {
      const faults: Issue[] = [];
      const page = readChangesPage(ctx, faults);
      if (page === null || faults.length > 0) throw new RequestError('invalid', { faults });
      const roll = await namedRollOf(ctx, parts().named, actor);
      const to = await laterRollOf(ctx, parts(), roll);
      const resource = resourceOf(roll.kind);
      const question = JSON.stringify(['changes of named roll', roll.id, ctx.query['to']]);
      const start = await startWalk(ctx, resource, { question, cursor: page.cursor }, () =>
        startOf(ctx, resource, [roll, to]),
      );
      await answerChanges(ctx, resource, { ...page, question, start, name: `roll-${roll.id}-changes` });
      logRead(ctx, resource, actor, roll);
    },
  });

  return [entries, changes];
}

/** A roll's instant and its position in the log; default position: the log's present end. */
type Place = Pick<NamedRoll, 'at'> & Partial<Pick<NamedRoll, 'position'>>;

/** The horizons of these places, once the view has reached them. */
async function startOf(
  ctx: Context,
  resource: RollResource<object>,
  places: readonly Place[],
): ReturnType<Parameters<typeof startWalk>[3]> {
  const { deadline } = requestState(ctx);
  const { horizon, behind } = await resource.reader().start(0, null, { deadline });
  return { horizons: places.map(({ at, position }) => ({ at, upTo: position ?? horizon.upTo })), behind };
}

/** The later roll of the same kind, or the moment, that `to` names. Refuses anything else (400). */
async function laterRollOf(
  ctx: Context,
  { named, moments }: NamedRollParts,
  { kind, at }: NamedRoll,
): Promise<Place> {
  const { to } = ctx.query;
  const refuse = (rule: string, wanted?: unknown): never => {
    throw new RequestError('invalid', { faults: [issueOf('to', rule, wanted)] });
  };
  if (to === undefined) return refuse('required');
  if (typeof to !== 'string') return refuse('moment');
  const id = integerIn(to);
  const rolls = id === null ? [] : await named.list(requestState(ctx));
  const roll = rolls.find((one) => one.id === id && one.kind === kind);
  if (id !== null && !roll) return refuse('roll');
  const read = roll ?? moments.moments.read(to, moments.now());
  if ('issue' in read) return refuse(read.issue);
  return read.at < at ? refuse('not-before', 'the roll') : read;
}

function readPage(ctx: Context): { limit: number | null; cursor: string | null; faults: Issue[] } {
  const faults: Issue[] = [];
  return { limit: limitOf(ctx, faults), cursor: cursorIn(ctx, faults), faults };
}

function logRead(ctx: Context, { noteRead }: RollResource<object>, actor: Actor, { id }: NamedRoll): void {
  noteRead(ctx, { actor, subject: `roll-${id}`, filters: [] });
}
