import { persona, personaCuenta } from '../../domain/persona.ts';
import {
  registerPersona,
  registerPersonaSchema,
  type RegisterPersonaBody,
} from '../../commands/registerPersona.ts';
import { revertPersona, type RevertPersona } from '../../commands/revertPersona.ts';
import { bodyCheck } from '../../validation/schema.ts';
import {
  updatePersonaProfile,
  updatePersonaProfileSchema,
  type UpdatePersonaProfileBody,
} from '../../commands/updatePersonaProfile.ts';
import type { PersonaRecord } from '../../events/types.ts';
import { answerFound } from '../answers/answers.ts';
import { answerWrite } from '../answers/answerWrite.ts';
import { requestState } from '../route/requestState.ts';
import { commandRequest, writeParameters } from '../requests/commandRequest.ts';
import { personasStyle } from '../errors/errors.ts';
import { idParameter, personaIdOf, personaStreamOf } from '../requests/subjectParameters.ts';
import { documentNeeds, pointInTimeParameters } from '../requests/pointInTime.ts';
import {
  ifNoneMatchParameter,
  pathParameter,
  positionOf,
  positionParameter,
} from '../requests/parameters.ts';
import { named } from '../../presentation/schemaNames.ts';
import { personaSchema } from '../../presentation/schemas.ts';
import {
  answerNowOrThen,
  revisionRoutes,
  type RevisionDependencies,
  type RevisionResource,
} from './revisions.ts';
import { route, type Route } from '../route/route.ts';
import { presentPersona } from '../../presentation/presentRecords.ts';

const OWN = ['admin', 'asistente'];
const ADMIN = ['admin'];
const WRITE_REFUSALS = ['key-reused', 'stale', 'taken', 'unavailable'] as const;

const UPDATING = personasStyle('Error al actualizar perfil');
const REGISTERING = personasStyle('Error al registrar persona');
const READING = personasStyle('Error al consultar personas');

const WRITE = { needs: 'event store', tag: 'personas', parameters: writeParameters } as const;
const READ = {
  method: 'GET',
  tag: 'personas',
  style: READING,
  refusals: ['invalid', 'not-found', 'erased', 'unavailable'],
} as const;

/** The routes of persons. */
export function personaRoutes(dependencies: RevisionDependencies<PersonaRecord>): Route[] {
  const { documents } = dependencies;

  const me = route({
    ...READ,
    path: '/api/personas/me',
    operationId: 'getMyProfile',
    needs: 'either',
    summary: 'My profile',
    roles: OWN,
    parameters: [positionParameter, ifNoneMatchParameter],
    answer: {
      status: 200,
      description: 'The person of this account.',
      schema: personaSchema,
      headers: ['ETag', 'X-Padron-Behind'],
    },
    async handle({ ctx, actor }) {
      const position = positionOf(ctx);
      const found = await documents.byValue(personaCuenta(actor.account), position, requestState(ctx));
      answerFound(ctx, found, presentPersona);
    },
  });

  const one = route({
    ...READ,
    path: '/api/personas/:id',
    operationId: 'getPersona',
    needs: documentNeeds,
    summary: 'One person',
    roles: ADMIN,
    parameters: [idParameter, ...pointInTimeParameters, positionParameter, ifNoneMatchParameter],
    answer: {
      status: 200,
      description: 'The person.',
      schema: personaSchema,
      headers: ['ETag', 'X-Padron-Behind'],
    },
    async handle({ ctx, actor }) {
      await answerNowOrThen(ctx, dependencies, past, actor, async (position) => {
        const id = personaIdOf(ctx);
        return id === 0 ? null : documents.byId(id, position, requestState(ctx));
      });
    },
  });

  const [updateMe, register] = writeRoutes(dependencies);
  // `me` before `:id`: the router takes the first match.
  return [updateMe, me, register, one, ...revisionRoutes(dependencies, past)];
}

function writeRoutes({ commands, documents, key }: RevisionDependencies<PersonaRecord>): [Route, Route] {
  const written = { documents, present: presentPersona };

  const updateMe = route<UpdatePersonaProfileBody>({
    ...WRITE,
    method: 'PUT',
    path: '/api/personas/me',
    operationId: 'updateMyProfile',
    summary: 'Update my profile',
    roles: OWN,
    body: {
      schema: named('UpdateProfile', updatePersonaProfileSchema),
      check: bodyCheck(updatePersonaProfileSchema),
    },
    answer: {
      status: 200,
      description: 'The person after the update.',
      schema: personaSchema,
      headers: ['ETag', 'X-Padron-Position'],
    },
    refusals: ['not-found', ...WRITE_REFUSALS],
    style: UPDATING,
    async handle({ ctx, body, actor }) {
      const request = commandRequest(ctx, actor, body, key);
      answerWrite(ctx, await commands.handle(updatePersonaProfile, body, request), written);
    },
  });

  const register = route<RegisterPersonaBody>({
    ...WRITE,
    method: 'POST',
    path: '/api/personas',
    operationId: 'registerPersona',
    summary: 'Register a person and link it to an account',
    roles: ADMIN,
    body: {
      schema: named('RegisterPersona', registerPersonaSchema),
      check: bodyCheck(registerPersonaSchema),
    },
    answer: {
      status: 201,
      description: 'The person as registered.',
      schema: personaSchema,
      headers: ['ETag', 'Location', 'X-Padron-Position'],
    },
    refusals: ['not-found', ...WRITE_REFUSALS],
    style: REGISTERING,
    async handle({ ctx, body, actor }) {
      const outcome = await commands.handle(registerPersona, body, commandRequest(ctx, actor, body, key));
      const { id } = answerWrite(ctx, outcome, written);
      ctx.set('location', `/api/personas/${id}`);
      ctx.status = 201;
    },
  });

  return [updateMe, register];
}

const past: RevisionResource<PersonaRecord, RevertPersona> = {
  path: '/api/personas/:id',
  parameter: idParameter,
  noun: 'person',
  operation: 'Persona',
  tag: 'personas',
  readers: ADMIN,
  reading: READING,
  reverting: personasStyle('Error al revertir persona'),
  aggregate: persona,
  find: async (ctx) => personaStreamOf(ctx),
  isOwn: ({ cuenta }, { account }) => cuenta === account,
  shown: presentPersona,
  schema: personaSchema,
  revert: revertPersona,
  payload: (ctx, target) => ({ id: personaIdOf(ctx), target }),
  subjectName: (ctx) => pathParameter(ctx, 'id'),
};
