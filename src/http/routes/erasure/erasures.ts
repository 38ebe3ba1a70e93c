import type { Context } from 'koa';
import type { CommandSide } from '../../../commands/handling/commandSide.ts';
import { user, userDni } from '../../../domain/user.ts';
import { eraseSchema, type EraseBody } from '../../../erasure/decideErasure.ts';
import type { Erasures, ErasureTarget } from '../../../erasure/erasures.ts';
import type { CallOptions, EventStore } from '../../../events/eventStore.ts';
import { subjectOf } from '../../../events/streams.ts';
import type { Actor, PersonaRecord, UserRecord } from '../../../events/types.ts';
import { holderOrLast } from '../../../history/holders.ts';
import { parseInstant } from '../../../history/instant.ts';
import { certificateSchema, erasureListSchema } from '../../../presentation/erasureSchemas.ts';
import { named } from '../../../presentation/schemaNames.ts';
import type { Documents } from '../../../projections/reading/documents.ts';
import { bodyCheck, issueOf } from '../../../validation/schema.ts';
import { answerJson, answerPosition } from '../../answers/answers.ts';
import { personasStyle, PROBLEM, RequestError, USERS } from '../../errors/errors.ts';
import { commandRequest, refusalFor, writeParameters, type BodyKeys } from '../../requests/commandRequest.ts';
import type { MomentRules } from '../../requests/moments.ts';
import { dniOf, dniParameter, idParameter, personaStreamOf } from '../../requests/subjectParameters.ts';
import type { Parameter } from '../../route/parameter.ts';
import { requestState } from '../../route/requestState.ts';
import { route, type Route } from '../../route/route.ts';

export interface ErasureParts {
  commands: CommandSide;
  store: EventStore;
  erasures: Erasures;
  personas: Pick<Documents<PersonaRecord>, 'remember'>;
  users: Pick<Documents<UserRecord>, 'remember'>;
  key: BodyKeys;
  moments: Pick<MomentRules, 'now'>;
}

/**
 * How long a request that names an erased user by DNI may be repeated, in milliseconds. Later no answer
 * leads from a DNI to an erased user.
 */
const MAX_REPEAT_MS = 15 * 60_000;

const ERASERS = ['admin', 'dpo'];

const answer = {
  status: 200,
  description:
    'The certificate: the key is gone and no view holds the person, as padron has verified. A repeat gets the same one. Irreversible.',
  schema: certificateSchema,
  headers: ['X-Padron-Position'],
} as const satisfies Route['answer'];

const sinceParameter: Parameter = {
  name: 'since',
  in: 'query',
  description: 'Only erasures at or after this instant (RFC 3339).',
  schema: { type: 'string', format: 'date-time', examples: ['2026-01-15T10:30:00Z'] },
};

/** The routes that erase people and list the erasures. */
export function erasureRoutes(parts: ErasureParts): Route[] {
  /** The stream of the user who had the DNI last, if just erased. The claim still names the erased key. */
  async function justErased(dni: string, options: CallOptions): Promise<string | null> {
    const key = await parts.commands.reservations.lastErasedKey(userDni(dni), options);
    if (key === null) return null;
    const erasure = (await parts.erasures.list(options)).find(({ keys }) => keys.includes(key));
    const isRecent = erasure && parts.moments.now() - Date.parse(erasure.erasedAt) <= MAX_REPEAT_MS;
    return isRecent ? erasure.subject : null;
  }

  async function erase(
    ctx: Context,
    actor: Actor,
    { body, target, name }: { body: EraseBody; target: ErasureTarget; name: string },
  ): Promise<void> {
    // Leaves out the DNI and its confirmation: their digest would confirm guesses.
    const request = commandRequest(ctx, actor, { reason: body.reason, subject: name }, parts.key);
    const outcome = await parts.erasures.erase(target, body, request);
    if ('rejection' in outcome) {
      const { rejection } = outcome;
      throw rejection.code === 'not-sealed' ? new RequestError('not-sealed') : refusalFor(rejection);
    }
    const { certificate, decided } = outcome;
    const subject = subjectOf(decided.stream);
    const documents = subject?.kind === 'user' ? parts.users : parts.personas;
    if (subject) documents.remember(subject.id, { ...decided, state: null });
    answerPosition(ctx, decided.position);
    answerJson(ctx, certificate);
  }

  const shared = {
    method: 'POST',
    needs: 'both',
    roles: ERASERS,
    body: { schema: named('Erase', eraseSchema), check: bodyCheck<EraseBody>(eraseSchema) },
    answer,
    refusals: ['not-found', 'key-reused', 'stale', 'not-sealed', 'unavailable'],
  } as const;

  const ofUser = route<EraseBody>({
    ...shared,
    path: '/users/:dni/erase',
    operationId: 'eraseUser',
    summary: 'Erase all personal data of a user for good',
    tag: 'users',
    parameters: [
      {
        ...dniParameter,
        description:
          'The DNI of the user, or of one who was removed; or the subject (`user-15`), for one whose DNI another user has now, or who was erased.',
      },
      ...writeParameters,
    ],
    style: USERS,
    async handle({ ctx, body, actor }) {
      const text = dniOf(ctx);
      const { commands, store } = parts;
      const named = subjectOf(text)?.kind === 'user' ? text : null;
      const target: ErasureTarget = {
        named,
        async find(options) {
          const holder = await holderOrLast(commands, store, user, userDni(text), options);
          return holder ?? (await justErased(text, options)) ?? named;
        },
      };
      await erase(ctx, actor, { body, target, name: named ?? 'by DNI' });
    },
  });

  const ofPersona = route<EraseBody>({
    ...shared,
    path: '/api/personas/:id/erase',
    operationId: 'erasePersona',
    summary: 'Erase all personal data of a person for good',
    tag: 'personas',
    parameters: [idParameter, ...writeParameters],
    style: personasStyle('Error al borrar los datos'),
    async handle({ ctx, body, actor }) {
      const stream = personaStreamOf(ctx);
      await erase(ctx, actor, {
        body,
        target: { find: async () => stream, named: stream },
        name: stream ?? '',
      });
    },
  });

  const list = route({
    method: 'GET',
    path: '/admin/erasures',
    operationId: 'listErasures',
    needs: 'event store',
    summary: 'List all erasures',
    tag: 'erasures',
    roles: ERASERS,
    parameters: [sinceParameter],
    answer: {
      status: 200,
      description:
        'The certificates, oldest first. Keep them apart from the backups: they say whom to erase again after a restore.',
      schema: erasureListSchema,
    },
    refusals: ['invalid', 'unavailable'],
    style: PROBLEM,
    async handle({ ctx }) {
      const since = sinceOf(ctx);
      const all = await parts.erasures.list(requestState(ctx));
      answerJson(ctx, { erasures: all.filter(({ erasedAt }) => Date.parse(erasedAt) >= since) });
    },
  });

  return [ofUser, ofPersona, list];
}

/** The parameter in milliseconds since 1970. Refuses a malformed instant (400). */
function sinceOf({ query }: Context): number {
  const { since } = query;
  if (since === undefined) return -Infinity;
  const instant = typeof since === 'string' ? parseInstant(since) : null;
  if (!instant) throw new RequestError('invalid', { faults: [issueOf('since', 'date-time')] });
  return instant.ceiling;
}
