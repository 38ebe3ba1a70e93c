import type { Context } from 'koa';
import type { Logger } from 'pino';
import type { CommandSide } from '../../../commands/handling/commandSide.ts';
import { persona, personaCuenta } from '../../../domain/persona.ts';
import { user, userDni } from '../../../domain/user.ts';
import type { EventStore } from '../../../events/eventStore.ts';
import { subjectOf } from '../../../events/streams.ts';
import { holderOrLast } from '../../../history/holders.ts';
import { personExportSchema } from '../../../presentation/personExportSchema.ts';
import type { NamedRollService } from '../../../roll/named/namedRollService.ts';
import { exportPerson } from '../../../roll/person/exportPerson.ts';
import { exportCsv, exportJson } from '../../../roll/person/exportTexts.ts';
import { streamPages } from '../../answers/streamedPages.ts';
import { personasStyle, RequestError, USERS } from '../../errors/errors.ts';
import { dniOf, dniParameter, idParameter, personaStreamOf } from '../../requests/subjectParameters.ts';
import { requestState } from '../../route/requestState.ts';
import { route, type Route } from '../../route/route.ts';
import { CSV, streamedOf } from '../../route/streamed.ts';

const OTHERS = ['admin', 'dpo'];
const PERSONAS = personasStyle('Error al exportar los datos');

const answer: Route['answer'] = {
  status: 200,
  description:
    'The record, every change with its instant and the role of who made it, and the named rolls that include the person. Credentials show as "***".',
  schema: personExportSchema,
  also: {
    [CSV]: {
      type: 'string',
      examples: [
        'part,revision,type,at,role,summary,reason,field,before,after\r\nrecord,3,,2026-01-15T10:30:00.000Z,,,,nombres,,María\r\n',
      ],
    },
  },
  headers: ['X-Padron-Behind', 'Content-Disposition'],
};

interface ExportDependencies {
  commands: CommandSide;
  store: EventStore;
  named: Pick<NamedRollService, 'list'>;
  logger: Logger;
}

/** The routes that export everything stored about one person. */
export function exportRoutes({ commands, store, named, logger }: ExportDependencies): Route[] {
  async function answerExport(ctx: Context, account: string, stream: string | null): Promise<void> {
    ctx.vary('accept');
    const streamed = streamedOf(ctx, answer);
    const { requestId, deadline } = requestState(ctx);
    const rolls = stream === null ? [] : await named.list({ deadline });
    const options = { rolls, now: new Date().toISOString(), deadline };
    const found = stream === null ? 'unknown' : await exportPerson(store, stream, options);
    if (found === 'unknown') throw new RequestError('not-found');
    if (found === 'erased') throw new RequestError('erased');
    if (found.behind) ctx.set('x-padron-behind', 'true');
    logger.info({ requestId, account, subject: found.subject }, 'person exported');
    await streamPages(ctx, found.changes(), {
      toText: (pages) => (streamed ? exportCsv(found, pages, streamed.csv) : exportJson(found, pages)),
      logger,
    });
    ctx.attachment(`${found.subject}.${streamed ? 'csv' : 'json'}`);
    // After the file name, from which Koa guesses another type.
    ctx.set('content-type', streamed ? streamed.contentType : 'application/json; charset=utf-8');
  }

  const shared = { method: 'GET', answer, needs: 'event store' } as const;

  const mine = route({
    ...shared,
    path: '/api/personas/me/export',
    operationId: 'exportMyData',
    summary: 'Everything stored about me',
    tag: 'personas',
    roles: ['admin', 'asistente'],
    refusals: ['not-found', 'unavailable'],
    style: PERSONAS,
    async handle({ ctx, actor: { account } }) {
      const { deadline } = requestState(ctx);
      const found = await commands.lookups.holder(persona, personaCuenta(account), 'fresh', { deadline });
      await answerExport(ctx, account, found && found.stream);
    },
  });

  const ofPersona = route({
    ...shared,
    path: '/api/personas/:id/export',
    operationId: 'exportPersona',
    summary: 'Everything stored about a person',
    tag: 'personas',
    roles: OTHERS,
    parameters: [idParameter],
    refusals: ['not-found', 'erased', 'unavailable'],
    style: PERSONAS,
    async handle({ ctx, actor: { account } }) {
      await answerExport(ctx, account, personaStreamOf(ctx));
    },
  });

  const ofUser = route({
    ...shared,
    path: '/users/:dni/export',
    operationId: 'exportUser',
    summary: 'Everything stored about the user who holds this DNI, or else held it last',
    tag: 'users',
    roles: OTHERS,
    parameters: [
      {
        ...dniParameter,
        description:
          'The DNI of the user, or of one who was removed; or the subject (`user-15`), for one whose DNI another user has now.',
      },
    ],
    refusals: ['invalid', 'not-found', 'erased', 'unavailable'],
    style: USERS,
    async handle({ ctx, actor: { account } }) {
      const { deadline } = requestState(ctx);
      const dni = dniOf(ctx);
      const holder = await holderOrLast(commands, store, user, userDni(dni), { deadline });
      // By its subject also a user who was removed and whose DNI another user has now.
      const named = subjectOf(dni)?.kind === 'user' ? dni : null;
      await answerExport(ctx, account, holder ?? named);
    },
  });

  // `me` before `:id`: the router takes the first match.
  return [mine, ofPersona, ofUser];
}
