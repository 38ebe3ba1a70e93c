import type { Context } from 'koa';
import { withWords, type Accepts } from '../../../roll/filters.ts';
import type { Horizon } from '../../../events/eventStore.ts';
import { batchFor, pageOf } from '../../../roll/reading/rollPage.ts';
import type { RollKind, RollName } from '../../../roll/rollKinds.ts';
import { peopleText, type FileFormat, type RollWork } from '../../../roll/wholeRoll/rollWork.ts';
import type { Actor } from '../../../events/types.ts';
import type { JsonSchema, Issue } from '../../../validation/schema.ts';
import { answerJson } from '../../answers/answers.ts';
import { requestState } from '../../route/requestState.ts';
import { RequestError } from '../../errors/errors.ts';
import { pageParameters, positionOf, positionParameter } from '../../requests/parameters.ts';
import { route, type Route } from '../../route/route.ts';
import { CSV, NDJSON, streamedOf, type Streamed } from '../../route/streamed.ts';
import { answerPages } from '../../answers/streamedPages.ts';
import { answerPresentList, presentBatches } from '../lists.ts';
import { fixAt, instantText, nextOf, startWalk, type RollResource } from './rollParts.ts';
import { atParameter, readRollQuery, userFilterParameters, type RollQuery } from './rollQuery.ts';

/** The route that lists people, now and at a moment (docs/reference/rolls.md). */
export function rollListRoute<State extends object>(resource: RollResource<State>): Route {
  const { path, tag, operation, presentReaders, pastReaders, style, pageSchema } = resource;
  const answer: Route['answer'] = {
    status: 200,
    description:
      'A page, by id. With a filter it may be short, even empty, and still have a `next`, because the people examined per page are limited. ' +
      'With `at` all pages show one state, whatever is written meanwhile.',
    schema: pageSchema,
    also: rollFiles(resource.kind),
    headers: ['Link', 'X-Padron-Behind', 'Content-Disposition'],
  };
  return route({
    method: 'GET',
    path,
    operationId: `list${operation}`,
    needs: ({ query }) => (query['at'] === undefined ? 'read model' : 'both'),
    summary: `The roll of ${tag}, now or as it was at a moment`,
    tag,
    roles: pastReaders,
    rolesFor: ({ query }) => (query['at'] === undefined ? presentReaders : pastReaders),
    parameters: [
      ...pageParameters,
      atParameter,
      ...(resource.hasUserFilters ? userFilterParameters : []),
      positionParameter,
    ],
    queryFaults: (ctx) => faultsOf(ctx, resource),
    answer,
    refusals: ['invalid', 'unavailable'],
    style,
    async handle({ ctx, actor }) {
      const query = rollQueryOf(ctx, resource);
      ctx.vary('accept');
      const streamed = streamedOf(ctx, answer);
      if (query.at === null) await answerPresent(ctx, resource, { query, streamed, actor });
      else await answerPast(ctx, resource, { query, at: query.at, streamed, actor });
    },
  });
}

/** A whole roll as a file. */
export const rollFiles = ({ idColumn }: Pick<RollKind<never>, 'idColumn'>): Record<string, JsonSchema> => ({
  [NDJSON]: { type: 'string', examples: [`{"${idColumn}":15}\n`] },
  [CSV]: { type: 'string', examples: [`${idColumn}\r\n15\r\n`] },
});

interface Asked {
  query: RollQuery;
  streamed: Streamed | null;
  actor: Actor;
}

async function answerPresent<State extends object>(
  ctx: Context,
  resource: RollResource<State>,
  { query, streamed, actor }: Asked,
): Promise<void> {
  const { documents, moments, kind, noteRead } = resource;
  const accepts = resource.accepts(query.filters, moments.moments.dayOf(moments.now()));
  if (!streamed) {
    await answerPresentList(ctx, { documents, member: kind.name, present: kind.present, accepts });
    return;
  }
  await answerPages(ctx, streamed, presentBatches(ctx, { documents, accepts }), {
    name: kind.name,
    toText: (states) => peopleText({ kind }, states, fileFormatOf(streamed)),
    logger: resource.logger,
  });
  noteRead(ctx, { actor, subject: null, filters: query.given });
}

async function answerPast<State extends object>(
  ctx: Context,
  resource: RollResource<State>,
  { query, at, streamed, actor }: Asked & { at: number },
): Promise<void> {
  const { kind, moments, noteRead } = resource;
  const reader = resource.reader();
  const { filters, limit, cursor, given } = query;
  const day = moments.moments.dayOf(at);
  const accepts = withWords(kind, filters.q, resource.accepts(filters, day));
  const question = JSON.stringify(['roll', kind.name, at, filters]);
  const { horizons, after } = await startWalk(ctx, resource, { question, cursor }, () =>
    fixAt(ctx, reader, [at], positionOf(ctx)),
  );
  if (streamed) {
    const [horizon] = horizons as [Horizon];
    const people = { horizon, after, filters, day, isProof: false };
    await answerRollFile(ctx, resource, streamed, { name: `${kind.name}-${day}`, people });
  } else {
    const { deadline } = requestState(ctx);
    const walk = reader.walk(horizons, after, { deadline, ...(accepts ? {} : { batch: batchFor(limit) }) });
    const page = await pageOf(walk, limit, ({ folds: [fold] }) => listed(fold?.state ?? null, accepts));
    if (page.behind) ctx.set('x-padron-behind', 'true');
    const next = nextOf(ctx, resource, question, { horizons, next: page.next });
    answerJson(ctx, { [kind.name]: page.entries.map(kind.present), next, at: instantText(at) });
  }
  noteRead(ctx, { actor, subject: null, filters: given });
}

const listed = <State>(state: State | null, accepts: Accepts<State>): State | null =>
  state !== null && (accepts?.(state) ?? true) ? state : null;

/** The people in a file. */
type PeopleOfFile = Omit<Extract<RollWork, { what: 'people' }>, 'what' | 'kind' | 'format'>;

/** Streams a roll as a file. */
export const answerRollFile = (
  ctx: Context,
  {
    kind,
    doRollWork,
    logger,
  }: Pick<RollResource<never>, 'doRollWork' | 'logger'> & { kind: { name: RollName } },
  streamed: Streamed,
  { name, people }: { name: string; people: PeopleOfFile },
): Promise<void> => {
  const format = fileFormatOf(streamed);
  const pieces = doRollWork({ what: 'people', kind: kind.name, ...people, format });
  return answerPages(ctx, streamed, pieces, { name, toText: (text) => text, logger });
};

export const fileFormatOf = ({ type, csv }: Streamed): FileFormat => (type === CSV ? csv : null);

function rollQueryOf(ctx: Context, { moments }: Pick<RollResource<never>, 'moments'>): RollQuery {
  const read = readRollQuery(ctx, moments);
  if ('faults' in read) throw new RequestError('invalid', { faults: read.faults });
  return read.query;
}

function faultsOf(ctx: Context, { moments }: Pick<RollResource<never>, 'moments'>): Issue[] {
  const read = readRollQuery(ctx, moments);
  return 'faults' in read ? read.faults : [];
}
