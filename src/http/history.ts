import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import type { CommandSide } from '../commands/commandSide.ts';
import { normalDni } from '../commands/dni.ts';
import { persona, personaCuenta } from '../commands/persona.ts';
import type { Fault, JsonSchema } from '../commands/schema.ts';
import { user, userDni } from '../commands/user.ts';
import type { EventStore, Position } from '../events/eventStore.ts';
import { subjectOf, subjectStream } from '../events/streams.ts';
import type { Actor, PersonaRecord, UserRecord } from '../events/types.ts';
import type { Cursor } from '../history/cursor.ts';
import { toCsv, toNdjson } from '../history/export.ts';
import {
  DEFAULT_LIMIT,
  HISTORY_FIELDS,
  HISTORY_TYPES,
  LARGEST_LIMIT,
  LONGEST_ACCOUNT as MAX_ACCOUNT,
  LONGEST_SEARCH as MAX_SEARCH,
  readHistoryQuery,
  type HistoryQuery,
} from '../history/filters.ts';
import type { EntryJson, History, HistoryScope } from '../history/history.ts';
import { lastHolder } from '../history/holders.ts';
import type { Documents } from '../projections/documents.ts';
import { answerJsonText } from './answers.ts';
import { requestState } from './app.ts';
import { PROBLEM, Refusal, type ErrorStyle } from './errors.ts';
import type { NoteHistoryRead } from './historyReads.ts';
import { nextLink } from './nextLink.ts';
import {
  ifNoneMatchParameter,
  integerIn,
  pathParameter,
  positionOf,
  positionParameter,
  type Parameter,
} from './parameters.ts';
import { isNotModified } from './preconditions.ts';
import { route, type Route } from './route.ts';
import { historySchema, id } from './schemas.ts';
import { CSV, NDJSON, streamedOf, type Streamed } from './streamed.ts';

const PERSONAS: ErrorStyle = {
  dialect: 'personas',
  failureMessage: 'Error al consultar el historial',
  unknownUser: 404,
};
const USERS: ErrorStyle = { dialect: 'users', failureMessage: '', unknownUser: 404 };

/** The first members of an entry: where in the log and in which stream its event is. */
const ENTRY_PLACE = /^\{"position":"(\d+)","subject":"([^"]+)","revision":(\d+)[,}]/;

const text: JsonSchema = { type: 'string' };
const instant: JsonSchema = { type: 'string', format: 'date-time', examples: ['2026-01-01T00:00:00Z'] };
const account: JsonSchema = { type: 'string', minLength: 1, maxLength: MAX_ACCOUNT };
const subject: JsonSchema = { type: 'string', pattern: '^(persona|user)-[1-9]\\d{0,15}$' };
const correlation: JsonSchema = { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' };
const query = (name: string, description: string, schema: JsonSchema): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});

const PARAMETERS: Parameter[] = [
  query('type', 'The type of event.', { enum: HISTORY_TYPES }),
  query('actor', 'The account that did it.', account),
  query('subject', 'To whom: persona-<id> or user-<IdUsuario>.', subject),
  query('correlation', 'The X-Correlation-Id of the request that did it.', correlation),
  query('field', 'A member that was changed.', { enum: HISTORY_FIELDS }),
  query('from', 'First instant.', instant),
  query('to', 'First instant that is not in it any more.', instant),
  query('q', 'Words that the summary or the changes contain; case and accents do not matter.', {
    type: 'string',
    maxLength: MAX_SEARCH,
  }),
  query('order', 'By instant and position.', { enum: ['asc', 'desc'], default: 'desc' }),
  query('limit', 'Entries a page; an NDJSON or CSV answer is always whole.', {
    type: 'integer',
    minimum: 1,
    maximum: LARGEST_LIMIT,
    default: DEFAULT_LIMIT,
  }),
  query('cursor', 'The `next` of the page before, for the same query.', { type: 'string', minLength: 1 }),
  positionParameter,
  ifNoneMatchParameter,
];

const answer: Route['answer'] = {
  status: 200,
  description:
    'A page of entries. It may be short and still have a `next`: only so much is looked at for one page.',
  schema: historySchema,
  also: {
    [NDJSON]: { ...text, examples: ['{"position":"1042","subject":"user-15","revision":3}\n'] },
    [CSV]: { ...text, examples: ['position,subject,revision\r\n1042,user-15,3\r\n'] },
  },
  headers: ['ETag', 'Link', 'X-Padron-Behind'],
};

/** Whose history a request asks for, with what is signed into its cursors. */
interface Target {
  /** What the path (or the token) says. */
  name: string;
  /** Whose stream that is at present, in a view that has reached `position`. Refuses what is nobody's (404). */
  resolve(position: Position | null): Promise<string | null>;
  /** Whether a walk over this subject's history (null: everybody's) may go on here. Checked beside the cursor's signature. */
  covers(subject: string | null): boolean | Promise<boolean>;
}

/** The routes of the history (contract, section 6). */
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
  noteRead: NoteHistoryRead;
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
    // A walk that has begun shows what was there then. Any other answer must not lack what was shown before.
    const concerned = subject ?? query.filters.subject;
    if (isEventStoreAway() && !cursor && (await history.isBehindShown(concerned)))
      throw new Refusal('unavailable');
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
      await answerStream(ctx, streamed, history.pages(query, scope, cursor), logger);
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

  /** A document is not answered in an older state than its history has shown, whichever view is further. */
  function noteShown(entries: readonly EntryJson[]): void {
    for (const entry of entries) {
      const [, position = '0', subject = '', revision] = ENTRY_PLACE.exec(entry) ?? [];
      const shown = { state: null, revision: Number(revision), position: BigInt(position) };
      const of = subjectOf(subject);
      if (of) (of.kind === 'persona' ? personas : users).note(of.id, shown);
    }
  }

  const shared = { method: 'GET', tag: 'history', answer, queryFaults } as const;
  const nobodysOwn = async (): Promise<boolean> => false;

  const mine = route({
    ...shared,
    path: '/api/personas/me/history',
    operationId: 'getMyHistory',
    needs: 'read model',
    summary: 'What happened to my person',
    roles: ['admin', 'asistente'],
    parameters: PARAMETERS,
    refusals: ['invalid', 'not-found', 'unavailable'],
    style: PERSONAS,
    async handle({ ctx, actor }) {
      const { account } = actor;
      const resolve = async (position: Position | null): Promise<string> => {
        const found = await personas.byValue(personaCuenta(account), position, requestState(ctx));
        if (!found) throw new Refusal('not-found');
        return subjectStream('persona', found.id);
      };
      const covers = async (subject: string | null): Promise<boolean> => subject === (await resolve(null));
      await answerHistory(ctx, actor, { name: `me ${account}`, resolve, covers }, async () => true);
    },
  });

  const ofPersona = route({
    ...shared,
    path: '/api/personas/:id/history',
    operationId: 'getPersonaHistory',
    needs: 'read model',
    summary: 'What happened to a person',
    roles: ['admin'],
    parameters: [idParameter, ...PARAMETERS],
    refusals: ['invalid', 'not-found', 'unavailable'],
    style: PERSONAS,
    async handle({ ctx, actor }) {
      const id = integerIn(pathParameter(ctx, 'id')) ?? 0;
      const stream = subjectStream('persona', id);
      const resolve = async (position: Position | null): Promise<string> => {
        if (id !== 0 && (await personas.byId(id, position, requestState(ctx)))) return stream;
        const { began } = await commands.repository.fresh(persona, stream);
        if (!began) throw new Refusal('not-found');
        return stream;
      };
      // Where that cannot be told, the read leaves its line.
      const isOwn = async (): Promise<boolean> =>
        (await personas.byId(id, null, requestState(ctx)).catch(() => null))?.body.cuenta === actor.account;
      const covers = (subject: string | null): boolean => subject === stream;
      await answerHistory(ctx, actor, { name: stream, resolve, covers }, isOwn);
    },
  });

  const ofUser = route({
    ...shared,
    path: '/users/:dni/history',
    operationId: 'getUserHistory',
    needs: 'read model',
    summary: 'What happened to the user who holds this DNI, or else held it last',
    roles: ['admin', 'monitor'],
    parameters: [dniParameter, ...PARAMETERS],
    refusals: ['invalid', 'not-found', 'unavailable'],
    style: USERS,
    async handle({ ctx, actor }) {
      const dni = dniOf(ctx);
      const resolve = async (position: Position | null): Promise<string> => {
        const holder = await users.byValue(userDni(dni), position, requestState(ctx));
        if (holder) return subjectStream('user', holder.id);
        const last = await lastHolder(commands, store, user, userDni(dni));
        if (last === null) throw new Refusal('not-found');
        return last;
      };
      // The DNI may have changed hands since the walk began, but only to another user.
      const covers = (subject: string | null): boolean =>
        subject !== null && subjectOf(subject)?.kind === 'user';
      await answerHistory(ctx, actor, { name: `dni ${normalDni(dni)}`, resolve, covers }, nobodysOwn);
    },
  });

  const audit = route({
    ...shared,
    path: '/audit',
    operationId: 'getAudit',
    needs: 'read model',
    summary: 'What happened to persons and users',
    roles: ['admin', 'auditor'],
    parameters: PARAMETERS,
    refusals: ['invalid', 'unavailable'],
    style: PROBLEM,
    async handle({ ctx, actor }) {
      const covers = (subject: string | null): boolean => subject === null;
      await answerHistory(ctx, actor, { name: 'audit', resolve: async () => null, covers }, nobodysOwn);
    },
  });

  // `me` before `:id`: the router takes the first that fits.
  return [mine, ofPersona, ofUser, audit];
}

export const idParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the person.',
  schema: { ...id, examples: [5] },
};

export const dniParameter: Parameter = {
  name: 'dni',
  in: 'path',
  required: true,
  description: "The user's DNI, in any spelling.",
  schema: { type: 'string', format: 'dni' },
};

/** The DNI that the path names. Refuses one that nothing is left of in its normal form (400). */
export function dniOf(ctx: Context): string {
  const dni = pathParameter(ctx, 'dni');
  if (normalDni(dni) !== '') return dni;
  throw new Refusal('invalid', { faults: [{ path: '/dni', member: 'dni', rule: 'dni' }] });
}

function historyQueryOf(ctx: Context): HistoryQuery {
  const read = readHistoryQuery(ctx.query);
  if ('faults' in read) throw new Refusal('invalid', { faults: read.faults });
  return read.query;
}

/** What is wrong with the parameters, but for their names: those are checked for every route. */
function queryFaults(ctx: Context): Fault[] {
  const read = readHistoryQuery(ctx.query);
  return 'faults' in read ? read.faults.filter(({ rule }) => rule !== 'additionalProperties') : [];
}

const cursorRefusal = (): Refusal =>
  new Refusal('invalid', { faults: [{ path: '/cursor', member: 'cursor', rule: 'cursor' }] });

/** By what is on the page, not by its cursor: that moves with every event anywhere, while the page stays the same. */
function tagOf(entries: readonly EntryJson[], hasNext: boolean): string {
  const digest = createHash('sha256').update(`${entries.join()}${String(hasNext)}`);
  return `"h-${digest.digest('base64url').slice(0, 22)}"`;
}

/** Streams the whole; what goes wrong before the first piece is still an error with its own status. */
async function answerStream(
  ctx: Context,
  { type, contentType, csv }: Streamed,
  pages: AsyncGenerator<EntryJson[]>,
  logger: Logger,
): Promise<void> {
  const first = await pages.next();
  async function* all(): AsyncGenerator<EntryJson[]> {
    if (first.done === true) return;
    yield first.value;
    try {
      for await (const page of pages) {
        if (!(await requestState(ctx).isStillAllowed())) throw new Refusal('unauthorized');
        yield page;
      }
    } catch (error) {
      // The status is sent already: the connection is cut, so that nobody takes the part for the whole.
      const { requestId, route } = requestState(ctx);
      logger.error({ requestId, route: route?.path, reason: (error as Error).name }, 'export cut short');
      throw error;
    }
  }
  ctx.attachment(type === CSV ? 'history.csv' : 'history.ndjson');
  // After the name of the file, from which Koa guesses another type.
  ctx.set('content-type', contentType);
  // Koa pipes it: the socket says when it takes more, and the generators end when the client goes away.
  ctx.body = Readable.from(type === CSV ? toCsv(all(), csv) : toNdjson(all()), { objectMode: false });
}
