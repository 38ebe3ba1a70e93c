import { positionParameter } from '../requests/parameters.ts';
import type { AnswerHeader } from '../route/route.ts';

/** The answer headers, as components. */
export const HEADERS = {
  'X-Request-Id': header('The id of this request, as in the log: quote it when you report a problem.', {
    type: 'string',
    pattern: '^[A-Za-z0-9._:-]{1,128}$',
  }),
  'X-Correlation-Id': header('The id set by the caller, or the request id; stored with writes.', {
    type: 'string',
    pattern: '^[A-Za-z0-9._:-]{1,128}$',
  }),
  'Cache-Control': header(
    '`no-store`: answers must not be cached. `no-cache` for this description, which is kept with its ETag and revalidated.',
    { enum: ['no-store', 'no-cache'] },
  ),
  ETag: header('Identifies the state of the answer: "<id>.<revision>" for a document.', {
    type: 'string',
    pattern: '^"[^"]+"$',
  }),
  Location: header('The path of the new document or job.', {
    type: 'string',
    format: 'uri-reference',
  }),
  'X-Padron-Position': header(
    'The position of the write, for reads that must show it.',
    positionParameter.schema,
  ),
  'X-Padron-Behind': header('Present if the answer may lack newer writes.', {
    type: 'string',
    const: 'true',
  }),
  Link: header('The next page, if there is one (rel="next").', { type: 'string' }),
  'Content-Disposition': header('The name of the file, on answers that are files.', {
    type: 'string',
    pattern: '^attachment; filename=',
  }),
  'Problem-Code': header('The stable code of the error, whatever its shape.', {
    $ref: '#/components/schemas/ProblemCode',
  }),
  'Retry-After': header('Seconds after which the request may be retried.', {
    type: 'integer',
    minimum: 0,
  }),
  'WWW-Authenticate': header('The authentication scheme.', { type: 'string', const: 'Bearer' }),
  Allow: header('The methods that the path supports.', { type: 'string' }),
};

type HeaderName = keyof typeof HEADERS;

function header(description: string, schema: object): { description: string; schema: object } {
  return { description, schema };
}

const ALWAYS: readonly HeaderName[] = ['X-Request-Id', 'X-Correlation-Id', 'Cache-Control'];

/**
 * The headers of every answer, and the route's own, of which some may be absent, such as Link on
 * the last page.
 */
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
