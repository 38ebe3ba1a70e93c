import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import type { CommandSide } from '../../../commands/handling/commandSide.ts';
import { normalDni } from '../../../validation/dni.ts';
import { persona, personaCuenta } from '../../../domain/persona.ts';
import { user, userDni } from '../../../domain/user.ts';
import type { EventStore, Position } from '../../../events/eventStore.ts';
import { subjectOf, subjectStream } from '../../../events/streams.ts';
import type { Actor, PersonaRecord, UserRecord } from '../../../events/types.ts';
import { erasedUserNamed } from '../../../erasure/erasedUser.ts';
import type { Cursor } from '../../../history/cursor.ts';
import type { HistoryQuery } from '../../../history/filters.ts';
import type { EntryJson, History, HistoryScope } from '../../../history/history.ts';
import { lastHolder } from '../../../history/holders.ts';
import type { Documents } from '../../../projections/reading/documents.ts';
import { answerJsonText } from '../../answers/answers.ts';
import { requestState } from '../../route/requestState.ts';
import { personasStyle, PROBLEM, RequestError, USERS } from '../../errors/errors.ts';
import type { LogHistoryRead } from './historyReads.ts';
import { cursorRefusal, historyParameters, historyQueryOf, queryFaults } from './historyQuery.ts';
import { answerHistoryStream } from './historyStream.ts';
import { nextLink } from '../../answers/nextLink.ts';
import { positionOf } from '../../requests/parameters.ts';
import { isNotModified } from '../../requests/preconditions.ts';
import { dniOf, dniParameter, idParameter, personaIdOf } from '../../requests/subjectParameters.ts';
import { route, type Route } from '../../route/route.ts';
import { historySchema } from '../../../presentation/schemas.ts';
import { CSV, NDJSON, streamedOf } from '../../route/streamed.ts';

const PERSONAS = personasStyle('Error al consultar el historial');

/** The first members of an entry: its event's position, stream and revision. */
const ENTRY_PLACE = /^\{"position":"(\d+)","subject":"([^"]+)","revision":(\d+)[,}]/;

const answer: Route['answer'] = {
  status: 200,
  description:
    'A page of entries. It may be short and still have a `next`, because the rows examined per page are limited.',
  schema: historySchema,
  also: {
    [NDJSON]: { type: 'string', examples: ['{"position":"1042","subject":"user-15","revision":3}\n'] },
    [CSV]: { type: 'string', examples: ['position,subject,revision\r\n1042,user-15,3\r\n'] },
  },
  headers: ['ETag', 'Link', 'X-Padron-Behind', 'Content-Disposition'],
};

/** The subject of a history request, and what is signed into its cursors. */
interface Target {
  /** The name in the path or the token. */
  name: string;
  /**
   * The stream that it names at present, in a view that has reached `position`. Refuses an unknown
   * one (404).
   */
  resolve(position: Position | null): Promise<string | null>;
  /**
   * Whether a walk over this subject's history (null: of all) may continue here. Checked besides
   * the cursor's signature.
   */
  covers(subject: string | null): boolean | Promise<boolean>;
}

const SHARED = {
  method: 'GET',
  needs: 'read model',
  tag: 'history',
  answer,
  queryFaults,
  refusals: ['invalid', 'not-found', 'erased', 'unavailable'],
} as const;

/** The routes of the history. */
export function historyRoutes({
  commands,
  store,
  history,
  personas,
  users,
  isEventStoreAway = () => false,
  noteRead,
  logger,
}: {
  commands: CommandSide;
  store: EventStore;
  history: History;
  personas: Documents<PersonaRecord>;
  users: Documents<UserRecord>;
  isEventStoreAway?(): boolean;
  noteRead: LogHistoryRead;
  logger: Logger;
}): Route[] {
  async function answerHistory(
    ctx: Context,
    actor: Actor,
    { name, resolve, covers }: Target,
    isOwn: (subject: string | null) => Promise<boolean>,
  ): Promise<void> {
    const query = historyQueryOf(ctx);
    const position = positionOf(ctx);
    const cursor = query.cursor === null ? null : history.cursorOf(query, name);
    if (query.cursor !== null && !(cursor && (await covers(cursor.subject)))) throw cursorRefusal();
    const subject = cursor ? cursor.subject : await resolve(position);
    if (!(await history.reaches(position))) ctx.set('x-padron-behind', 'true');
    // A walk in progress shows the state at its beginning. Other answers must not lack what was
    // shown before.
    const concerned = subject ?? query.filters.subject;
    if (isEventStoreAway() && !cursor && (await history.isBehindShown(concerned)))
      throw new RequestError('unavailable');
    await answerWith(ctx, query, { subject, name }, cursor);
    if (!(await isOwn(subject))) {
      noteRead(ctx, { actor, subject: subject ?? query.filters.subject, filters: query.given });
    }
  }

  async function answerWith(
    ctx: Context,
    query: HistoryQuery,
    scope: HistoryScope,
    cursor: Cursor | null,
  ): Promise<void> {
    ctx.vary('accept');
    const streamed = streamedOf(ctx, answer);
    if (streamed) {
      await answerHistoryStream(ctx, streamed, history.pages(query, scope, cursor), logger);
      return;
    }
    const { entries, next } = await history.page(query, scope, cursor);
    noteShown(entries);
    if (next !== null) ctx.set('link', nextLink(ctx, next));
    const etag = tagOf(entries, next !== null);
    ctx.set('etag', etag);
    if (isNotModified(ctx, etag)) ctx.status = 304;
    else answerJsonText(ctx, `{"entries":[${entries.join(',')}],"next":${JSON.stringify(next)}}`);
  }

  /** Later answers must not show a document in an older state than its history has shown. */
  function noteShown(entries: readonly EntryJson[]): void {
    for (const entry of entries) {
      const [, position = '0', subject = '', revision] = ENTRY_PLACE.exec(entry) ?? [];
      const shown = { state: null, revision: Number(revision), position: BigInt(position) };
      const of = subjectOf(subject);
      if (of) (of.kind === 'persona' ? personas : users).remember(of.id, shown);
    }
  }

  const isNeverOwn = async (): Promise<boolean> => false;

  const mine = route({
    ...SHARED,
    path: '/api/personas/me/history',
    operationId: 'getMyHistory',
    summary: 'Get the history of my person',
    roles: ['admin', 'asistente'],
    parameters: historyParameters,
    style: PERSONAS,
    async handle({ ctx, actor }) {
      const { account } = actor;
      const resolve = async (position: Position | null): Promise<string> => {
        const found = await personas.byValue(personaCuenta(account), position, requestState(ctx));
        if (!found) throw new RequestError('not-found');
        return subjectStream('persona', found.id);
      };
      const covers = async (subject: string | null): Promise<boolean> => subject === (await resolve(null));
      await answerHistory(ctx, actor, { name: `me ${account}`, resolve, covers }, async () => true);
    },
  });

  const ofPersona = route({
    ...SHARED,
    path: '/api/personas/:id/history',
    operationId: 'getPersonaHistory',
    summary: 'Get the history of a person',
    roles: ['admin'],
    parameters: [idParameter, ...historyParameters],
    style: PERSONAS,
    async handle({ ctx, actor }) {
      const id = personaIdOf(ctx);
      const stream = subjectStream('persona', id);
      const resolve = async (position: Position | null): Promise<string> => {
        if (id !== 0 && (await personas.byId(id, position, requestState(ctx)))) return stream;
        const { began, erased } = await commands.repository.fresh(persona, stream);
        if (!began) throw new RequestError('not-found');
        if (erased) throw new RequestError('erased');
        return stream;
      };
      // If that is unknown, the read is logged.
      const isOwn = async (): Promise<boolean> =>
        (await personas.byId(id, null, requestState(ctx)).catch(() => null))?.body.cuenta === actor.account;
      const covers = (subject: string | null): boolean => subject === stream;
      await answerHistory(ctx, actor, { name: stream, resolve, covers }, isOwn);
    },
  });

  const ofUser = route({
    ...SHARED,
    path: '/users/:dni/history',
    operationId: 'getUserHistory',
    summary: 'Get the history of the user who holds this DNI, or else held it last',
    roles: ['admin', 'monitor'],
    parameters: [dniParameter, ...historyParameters],
    style: USERS,
    async handle({ ctx, actor }) {
      const dni = dniOf(ctx);
      const resolve = async (position: Position | null): Promise<string> => {
        const holder = await users.byValue(userDni(dni), position, requestState(ctx));
        if (holder) return subjectStream('user', holder.id);
        const last = await lastHolder(commands, store, user, userDni(dni));
        if (last !== null) return last;
        throw new RequestError((await erasedUserNamed(commands.repository, dni)) ? 'erased' : 'not-found');
      };
      // The DNI may have changed hands since the walk began, but only to another user.
      const covers = (subject: string | null): boolean =>
        subject !== null && subjectOf(subject)?.kind === 'user';
      await answerHistory(ctx, actor, { name: `dni ${normalDni(dni)}`, resolve, covers }, isNeverOwn);
    },
  });

  const audit = route({
    ...SHARED,
    path: '/audit',
    operationId: 'getAudit',
    summary: 'Get the history of all persons and users',
    roles: ['admin', 'auditor'],
    parameters: historyParameters,
    refusals: ['invalid', 'unavailable'],
    style: PROBLEM,
    async handle({ ctx, actor }) {
      const covers = (subject: string | null): boolean => subject === null;
      await answerHistory(ctx, actor, { name: 'audit', resolve: async () => null, covers }, isNeverOwn);
    },
  });

  // `me` before `:id`: the router takes the first match.
  return [mine, ofPersona, ofUser, audit];
}

/**
 * By the page's contents, not by its cursor: that moves with every event while the page stays the
 * same.
 */
function tagOf(entries: readonly EntryJson[], hasNext: boolean): string {
  const digest = createHash('sha256').update(`${entries.join()}${String(hasNext)}`);
  return `"h-${digest.digest('base64url').slice(0, 22)}"`;
}
