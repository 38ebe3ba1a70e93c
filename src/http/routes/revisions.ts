import type { Context } from 'koa';
import { goodRevision, type Aggregate } from '../../domain/aggregate.ts';
import type { Command } from '../../commands/command.ts';
import type { CommandSide } from '../../commands/handling/commandSide.ts';
import { revertSchema, type RevertBody } from '../../commands/revert.ts';
import { bodyCheck, type JsonSchema } from '../../validation/schema.ts';
import type { EventStore, Position } from '../../events/eventStore.ts';
import { subjectOf } from '../../events/streams.ts';
import type { Actor } from '../../events/types.ts';
import { asOf, asOfBoth, type PointInTime } from '../../history/asOf.ts';
import { diffOf } from '../../history/diff.ts';
import type { Documents, Shown } from '../../projections/reading/documents.ts';
import { answerDocument, answerFound, answerJson } from '../answers/answers.ts';
import { answerWrite } from '../answers/answerWrite.ts';
import { requestState } from '../route/requestState.ts';
import { commandRequest, writeParameters, type BodyKeys } from '../requests/commandRequest.ts';
import { RequestError, type ErrorStyle } from '../errors/errors.ts';
import type { LogHistoryRead } from './history/historyReads.ts';
import type { MomentRules } from '../requests/moments.ts';
import { positionOf } from '../requests/parameters.ts';
import { missingAt, momentName, pointInTimeOf, revisionsOf } from '../requests/pointInTime.ts';
import type { Parameter } from '../route/parameter.ts';
import { route, type Route } from '../route/route.ts';
import { named } from '../../presentation/schemaNames.ts';
import { diffSchema, revision } from '../../presentation/schemas.ts';

export interface RevisionDependencies<State> {
  commands: CommandSide;
  store: EventStore;
  documents: Documents<State>;
  /** The keys that hash bodies. */
  key: BodyKeys;
  moments: MomentRules;
  noteRead: LogHistoryRead;
}

/** A kind of subject whose past can be read and restored. */
export interface RevisionResource<State, Payload> {
  /** Names the subject: `/users/:dni`. */
  path: string;
  parameter: Parameter;
  noun: string;
  operation: string;
  tag: string;
  readers: readonly string[];
  reading: ErrorStyle;
  reverting: ErrorStyle;
  aggregate: Aggregate<State>;
  /**
   * The stream of the subject in the path, null if there never was one. Refuses an invalid name
   * (400).
   */
  find(ctx: Context): Promise<string | null>;
  /** Whether the reader is the subject itself. */
  isOwn(state: State, actor: Actor): boolean;
  shown(state: State): object;
  schema: JsonSchema;
  revert: Command<Payload, State>;
  payload(ctx: Context, target: State | null): Payload;
  /**
   * Identifies the subject for the Idempotency-Key: the same body for another subject is another
   * request.
   */
  subjectName(ctx: Context): string;
}

type PastResource<State> = Pick<RevisionResource<State, never>, 'aggregate' | 'find' | 'isOwn' | 'shown'>;

/** Answers a subject as `find` finds it now, or at the point in time that the query names. */
export async function answerNowOrThen<State>(
  ctx: Context,
  dependencies: Pick<RevisionDependencies<State>, 'commands' | 'noteRead' | 'moments'>,
  resource: PastResource<State>,
  actor: Actor,
  find: (position: Position | null) => Promise<Shown<State> | null>,
): Promise<void> {
  const position = positionOf(ctx);
  const moment = pointInTimeOf(ctx, dependencies.moments);
  if (moment) await answerAsOf(ctx, dependencies, resource, actor, moment);
  else answerFound(ctx, await find(position), resource.shown);
}

/** Answers a subject at a point in time; 404 with the reason if it did not exist then. */
async function answerAsOf<State>(
  ctx: Context,
  { commands, noteRead }: Pick<RevisionDependencies<State>, 'commands' | 'noteRead'>,
  { aggregate, find, isOwn, shown }: PastResource<State>,
  actor: Actor,
  moment: PointInTime,
): Promise<void> {
  const stream = await find(ctx);
  if (stream === null) throw new RequestError('not-found');
  const was = await asOf(commands.repository, aggregate, stream, moment, requestState(ctx));
  if ('missing' in was) throw missingAt(was.missing, momentName(moment));
  const { state, stuck } = was.loaded;
  if (stuck) ctx.set('x-padron-behind', 'true');
  const revision = goodRevision(was.loaded);
  answerDocument(ctx, { id: subjectOf(stream)?.id ?? 0, revision, body: shown(state) });
  if (!isOwn(state, actor)) noteRead(ctx, { actor, subject: stream, filters: [momentName(moment)] });
}

/** The routes that compare two revisions of a subject and restore one. */
export function revisionRoutes<State, Payload>(
  { commands, documents, key, noteRead }: RevisionDependencies<State>,
  resource: RevisionResource<State, Payload>,
): Route[] {
  const { aggregate, find, isOwn, noun, operation, parameter, path, shown, tag } = resource;

  const diff = route({
    method: 'GET',
    path: `${path}/diff`,
    operationId: `diff${operation}`,
    needs: 'event store',
    summary: `Compare two revisions of a ${noun}`,
    tag,
    roles: resource.readers,
    parameters: [
      parameter,
      ...(['from', 'to'] as const).map((name) => ({
        name,
        in: 'query' as const,
        required: true,
        description: 'A revision.',
        schema: revision,
      })),
    ],
    answer: {
      status: 200,
      description: 'The changes; with X-Padron-Behind if an event before a revision cannot be applied.',
      schema: diffSchema,
      headers: ['X-Padron-Behind'],
    },
    refusals: ['invalid', 'not-found', 'erased', 'unavailable'],
    style: resource.reading,
    async handle({ ctx, actor }) {
      const { from, to } = revisionsOf(ctx);
      const stream = await find(ctx);
      if (stream === null) throw new RequestError('not-found');
      const moments = [{ revision: from }, { revision: to }] as const;
      const [before, after] = await asOfBoth(
        commands.repository,
        aggregate,
        stream,
        moments,
        requestState(ctx),
      );
      if ('missing' in before) throw missingAt(before.missing, 'from');
      if ('missing' in after) throw missingAt(after.missing, 'to');
      if (after.loaded.stuck ?? before.loaded.stuck) ctx.set('x-padron-behind', 'true');
      const changes = diffOf(before.loaded.state, after.loaded.state);
      answerJson(ctx, { from, to, changes });
      if (!isOwn(after.loaded.state, actor)) {
        noteRead(ctx, { actor, subject: stream, filters: ['from', 'to'] });
      }
    },
  });

  const revert = route<RevertBody>({
    method: 'POST',
    path: `${path}/revert`,
    operationId: `revert${operation}`,
    needs: 'event store',
    summary: `Restore a ${noun} to an earlier revision`,
    tag,
    roles: ['admin'],
    parameters: [parameter, ...writeParameters],
    body: { schema: named('Revert', revertSchema), check: bodyCheck(revertSchema) },
    answer: {
      status: 200,
      description: `The ${noun} after the revert, which is an ordinary change with a reason.`,
      schema: resource.schema,
      headers: ['ETag', 'X-Padron-Position'],
    },
    refusals: ['not-found', 'erased', 'key-reused', 'stale', 'taken', 'unavailable'],
    style: resource.reverting,
    async handle({ ctx, body, actor }) {
      const { revision, reason } = body;
      const stream = await find(ctx);
      const was =
        stream === null
          ? null
          : await asOf(commands.repository, aggregate, stream, { revision }, requestState(ctx));
      if (was && 'missing' in was && was.missing === 'erased') throw new RequestError('erased');
      const target = was && 'loaded' in was ? was.loaded.state : null;
      const request = {
        ...commandRequest(ctx, actor, { ...body, subject: resource.subjectName(ctx) }, key),
        note: { reason, revertTo: revision },
      };
      const outcome = await commands.handle(resource.revert, resource.payload(ctx, target), request);
      answerWrite(ctx, outcome, { documents, present: shown });
    },
  });

  return [diff, revert];
}
