import { positionParameter } from '../requests/parameters.ts';
import type { AnswerHeader } from '../route/route.ts';

/** The headers of answers, as components. */
export const HEADERS = {
  'X-Request-Id': header('The id of this request, as in the log: give it when you report a problem.', {
    type: 'string',
    pattern: '^[A-Za-z0-9._:-]{1,128}$',
  }),
  'X-Correlation-Id': header('What the caller gave, or the request id: stored with what is written.', {
    type: 'string',
    pattern: '^[A-Za-z0-9._:-]{1,128}$',
  }),
  'Cache-Control': header('No answer may be kept.', { type: 'string', const: 'no-store' }),
  ETag: header('Tells one state of the answer from another: "<id>.<revision>" for a document.', {
    type: 'string',
    pattern: '^"[^"]+"$',
  }),
  Location: header('Where the document, or the job, is from now on.', {
    type: 'string',
    format: 'uri-reference',
  }),
  'X-Padron-Position': header(
    'The position of the write, for reads that have to show it.',
    positionParameter.schema,
  ),
  'X-Padron-Behind': header('Present when the answer may lack newer writes.', {
    type: 'string',
    const: 'true',
  }),
  Link: header('The next page, if there is one (rel="next").', { type: 'string' }),
  'Problem-Code': header('The stable code of the error, in every shape of errors.', {
    $ref: '#/components/schemas/ProblemCode',
  }),
  'Retry-After': header('Seconds after which the request may be sent again.', {
    type: 'integer',
    minimum: 0,
  }),
  'WWW-Authenticate': header('How to come with a token.', { type: 'string', const: 'Bearer' }),
  Allow: header('The methods that the path takes.', { type: 'string' }),
};

type HeaderName = keyof typeof HEADERS;

function header(description: string, schema: object): { description: string; schema: object } {
  return { description, schema };
}

const ALWAYS: readonly HeaderName[] = ['X-Request-Id', 'X-Correlation-Id', 'Cache-Control'];

/** The headers of every answer, and the route's own, some of which may be missing: the Link on the last page. */
export const answerHeaders = (own: readonly AnswerHeader[]): object => references([...ALWAYS, ...own]);

const OF_STATUS: Partial<Record<number, HeaderName>> = {
  401: 'WWW-Authenticate',
  405: 'Allow',
  429: 'Retry-After',
  503: 'Retry-After',
};

export function errorHeaders(status: number): object {
  const own = OF_STATUS[status];
  return references([...ALWAYS, 'Problem-Code', ...(own ? [own] : [])]);
}

const references = (names: readonly HeaderName[]): object =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
