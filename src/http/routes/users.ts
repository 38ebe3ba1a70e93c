import { normalDni } from '../../validation/dni.ts';
import { editUser, editUserSchema, type EditUserBody } from '../../commands/editUser.ts';
import { registerUser, registerUserSchema, type RegisterUserBody } from '../../commands/registerUser.ts';
import { removeUser, removeUserSchema, type RemoveUserBody } from '../../commands/removeUser.ts';
import { revertUser, type RevertUser } from '../../commands/revertUser.ts';
import { bodyCheck } from '../../validation/schema.ts';
import { user, userDni } from '../../domain/user.ts';
import { bodyDatesInOrder } from '../../commands/userRules.ts';
import type { UserRecord } from '../../events/types.ts';
import { erasedUserNamed } from '../../erasure/erasedUser.ts';
import { holderOrLast } from '../../history/holders.ts';
import { answerJson, answerPosition } from '../answers/answers.ts';
import { answerWrite } from '../answers/answerWrite.ts';
import { requestState } from '../route/requestState.ts';
import { commandRequest, requireDone, writeParameters } from '../requests/commandRequest.ts';
import { USERS, type ErrorStyle } from '../errors/errors.ts';
import { dniOf, dniParameter } from '../requests/subjectParameters.ts';
import { documentNeeds, pointInTimeParameters } from '../requests/pointInTime.ts';
import { ifNoneMatchParameter, positionParameter } from '../requests/parameters.ts';
import { hashPassword } from '../access/passwords.ts';
import {
  answerNowOrThen,
  revisionRoutes,
  type RevisionDependencies,
  type RevisionResource,
} from './revisions.ts';
import { route, type Route } from '../route/route.ts';
import { presentUser, presentUserWithCredentials } from '../../presentation/presentRecords.ts';
import { named } from '../../presentation/schemaNames.ts';
import { exactly, publicUserSchema, userSchema } from '../../presentation/schemas.ts';

const ROLES = ['admin', 'monitor'];
const WRITE_REFUSALS = ['not-found', 'key-reused', 'stale', 'unavailable'] as const;

const WRITING: ErrorStyle = { ...USERS, unknownUser: 500 };

const WRITE = {
  method: 'POST',
  needs: 'event store',
  tag: 'users',
  roles: ROLES,
  parameters: writeParameters,
  style: WRITING,
} as const;

/** The routes of users. */
export function userRoutes(dependencies: RevisionDependencies<UserRecord>): Route[] {
  const { documents } = dependencies;
  const past = pastOf(dependencies);

  const one = route({
    method: 'GET',
    path: '/users/:dni',
    operationId: 'getUser',
    needs: documentNeeds,
    summary: 'One user',
    tag: 'users',
    roles: ROLES,
    parameters: [dniParameter, ...pointInTimeParameters, positionParameter, ifNoneMatchParameter],
    answer: {
      status: 200,
      description: 'The user.',
      schema: publicUserSchema,
      headers: ['ETag', 'X-Padron-Behind'],
    },
    refusals: ['invalid', 'not-found', 'erased', 'unavailable'],
    style: USERS,
    async handle({ ctx, actor }) {
      const dni = dniOf(ctx);
      await answerNowOrThen(ctx, dependencies, past, actor, (position) =>
        documents.byValue(userDni(dni), position, requestState(ctx)),
      );
    },
  });

  return [...writeRoutes(dependencies), one, ...revisionRoutes(dependencies, past)];
}

function writeRoutes({ commands, documents, key }: RevisionDependencies<UserRecord>): Route[] {
  const written = { documents, present: presentUserWithCredentials };

  const edit = route<EditUserBody>({
    ...WRITE,
    path: '/users/edit',
    operationId: 'editUser',
    summary: 'Edit the user with this DNI',
    body: {
      schema: named('EditUser', editUserSchema),
      check: bodyCheck<EditUserBody>(editUserSchema, bodyDatesInOrder),
    },
    answer: {
      status: 200,
      description: 'The user after the edit.',
      schema: userSchema,
      headers: ['ETag', 'X-Padron-Position'],
    },
    refusals: WRITE_REFUSALS,
    async handle({ ctx, body, actor }) {
      const request = commandRequest(ctx, actor, body, key);
      answerWrite(ctx, await commands.handle(editUser, body, request), written);
    },
  });

  const register = route<RegisterUserBody>({
    ...WRITE,
    style: USERS,
    path: '/users',
    operationId: 'registerUser',
    summary: 'Register a user',
    body: {
      schema: named('RegisterUser', registerUserSchema),
      check: bodyCheck<RegisterUserBody>(registerUserSchema, bodyDatesInOrder),
    },
    answer: {
      status: 201,
      description: 'The user as registered.',
      schema: userSchema,
      headers: ['ETag', 'Location', 'X-Padron-Position'],
    },
    refusals: [...WRITE_REFUSALS, 'taken'],
    async handle({ ctx, body, actor }) {
      const request = commandRequest(ctx, actor, body, key);
      const hashed = async (clear: RegisterUserBody): Promise<RegisterUserBody> => ({
        ...clear,
        password: await hashPassword(clear.password, request.deadline),
      });
      const outcome = await commands.handle(registerUser, body, request, hashed);
      const { dni } = answerWrite(ctx, outcome, written);
      ctx.set('location', `/users/${encodeURIComponent(dni)}`);
      ctx.status = 201;
    },
  });

  const remove = route<RemoveUserBody>({
    ...WRITE,
    path: '/users/delete',
    operationId: 'removeUser',
    summary: 'Remove the user with this DNI from the roll',
    body: { schema: named('RemoveUser', removeUserSchema), check: bodyCheck(removeUserSchema) },
    answer: {
      status: 200,
      description: 'The user was removed from the roll; the history stays.',
      schema: exactly({ success: { const: true } }),
      headers: ['X-Padron-Position'],
    },
    refusals: WRITE_REFUSALS,
    async handle({ ctx, body, actor }) {
      const outcome = await commands.handle(removeUser, body, commandRequest(ctx, actor, body, key));
      const { id, state, revision, position } = requireDone(outcome);
      documents.remember(id, { state, revision, position });
      answerPosition(ctx, position);
      answerJson(ctx, { success: true });
    },
  });

  return [edit, register, remove];
}

const pastOf = ({
  commands,
  store,
}: Pick<RevisionDependencies<UserRecord>, 'commands' | 'store'>): RevisionResource<
  UserRecord,
  RevertUser
> => ({
  path: '/users/:dni',
  parameter: dniParameter,
  noun: 'user',
  operation: 'User',
  tag: 'users',
  readers: ROLES,
  reading: USERS,
  reverting: USERS,
  aggregate: user,
  async find(ctx) {
    const dni = dniOf(ctx);
    const stream = await holderOrLast(commands, store, user, userDni(dni), requestState(ctx));
    return stream ?? erasedUserNamed(commands.repository, dni, requestState(ctx));
  },
  isOwn: () => false,
  shown: presentUser,
  schema: publicUserSchema,
  revert: revertUser,
  payload: (ctx, target) => ({ dni: dniOf(ctx), target }),
  subjectName: (ctx) => normalDni(dniOf(ctx)),
});
