import { bodyCheck } from '../../validation/schema.ts';
import { answerJson } from '../answers/answers.ts';
import { PROBLEM, RequestError } from '../errors/errors.ts';
import { exactly } from '../../presentation/schemas.ts';
import { pathParameter } from '../requests/parameters.ts';
import { route, type Route } from '../route/route.ts';
import { MAX_ACCEPT_LENGTH } from '../route/streamed.ts';
import type { LoadConsole } from './consoleFiles.ts';
import { answerFile, answerPage } from './pageAnswers.ts';
import { NO_SIGN_IN, type SignInCode } from './signInCode.ts';

const PAGES = ['/console', '/console/', '/console/*screen', '/docs'];
const signInSchema = exactly({ code: { type: 'string', minLength: 1, maxLength: 100 } });

interface PageOptions {
  loadConsole: LoadConsole;
  signIn?: SignInCode | undefined;
}

/**
 * The routes of the console and of the pages about the API. They are not part of the API and not in
 * its description. Only the page itself interprets its address and query.
 */
export function pageRoutes({ loadConsole, signIn = NO_SIGN_IN }: PageOptions): Route[] {
  const shared = {
    method: 'GET',
    needs: 'nothing',
    tag: 'pages',
    roles: null,
    refusals: [],
    style: PROBLEM,
    answer: { status: 200, description: '', schema: { type: 'string' } },
  } as const;

  const start = route({
    ...shared,
    path: '/',
    operationId: 'openStart',
    summary: 'Sends a browser to the console',
    async handle({ ctx }) {
      ctx.vary('accept');
      const { length } = ctx.get('accept');
      if (length === 0 || length > MAX_ACCEPT_LENGTH || ctx.accepts('json', 'html') !== 'html')
        throw new RequestError('no-such-path');
      ctx.redirect('/console');
    },
  });

  const file = route({
    ...shared,
    path: '/console/files/:digest/*path',
    operationId: 'getConsoleFile',
    summary: 'A file of the console',
    async handle({ ctx }) {
      const asked = { digest: pathParameter(ctx, 'digest'), path: pathParameter(ctx, 'path') };
      await answerFile(ctx, await loadConsole(), asked);
    },
  });

  const pages = PAGES.map((path) =>
    route({
      ...shared,
      path,
      takesAnyQuery: true,
      operationId: `openPage ${path}`,
      summary: 'The page of the console',
      async handle({ ctx }) {
        await answerPage(ctx, await loadConsole());
      },
    }),
  );

  const exchange = route<{ code: string }>({
    ...shared,
    method: 'POST',
    path: '/console/sign-in',
    operationId: 'signIn',
    summary: 'Exchanges the code of a sign-in link for a token, once; development mode only',
    body: { schema: signInSchema, check: bodyCheck(signInSchema) },
    async handle({ ctx, body }) {
      const token = signIn.exchange(body.code);
      if (token === null) throw new RequestError('not-found');
      answerJson(ctx, { token });
    },
  });

  return [start, file, exchange, ...pages];
}
