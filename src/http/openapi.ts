import { createRequire } from 'node:module';
import type { JsonSchema } from '../commands/schema.ts';
import { errorAnswer, REFUSALS, Refusal, type ErrorStyle, type RefusalCode } from './errors.ts';
import { positionParameter } from './parameters.ts';
import type { AnswerHeader, Route } from './route.ts';
import { exactly } from './schemas.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** The OpenAPI 3.1 document of these routes, made of the routes themselves. */
export function openApiDocument(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'padron',
      version,
      summary: 'The roll of people and members of a club or a public office, event-sourced.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: ERROR_SCHEMAS,
    },
  };
}

function operationOf(route: Route): object {
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    security: route.roles ? [{ bearer: [] }] : [],
    ...(route.roles ? { description: `Roles: ${route.roles.join(', ')}.` } : {}),
    parameters: route.parameters ?? [],
    ...(route.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: route.body.schema } } } }
      : {}),
    responses: responsesOf(route),
  };
}

function responsesOf(route: Route): Record<string, object> {
  const {
    status,
    description,
    schema,
    contentType = 'application/json',
    also = {},
    headers = [],
    nothing = null,
  } = route.answer;
  const content = Object.entries({ [contentType]: schema, ...also }).map(([type, one]) => [
    type,
    { schema: one },
  ]);
  const responses: Record<string, object> = {
    [status]: { description, headers: headersOf(headers), content: Object.fromEntries(content) as object },
  };
  if (route.method === 'GET' && headers.includes('ETag')) {
    responses['304'] = {
      description: 'If-None-Match names the present document.',
      headers: headersOf(['ETag']),
    };
  }
  if (nothing !== null) responses['204'] = { description: nothing };
  for (const [errorStatus, codes] of byStatus(route)) {
    responses[errorStatus] = errorResponse(route.style, codes);
  }
  return responses;
}

/** The refusals of a route: its own, and those that follow from its having roles and a body. */
function refusalsOf({ roles, body, refusals, answer }: Route): Set<RefusalCode> {
  return new Set<RefusalCode>([
    ...refusals,
    ...(roles ? (['unauthorized', 'forbidden', 'too-many-requests', 'unavailable'] as const) : []),
    ...(answer.also ? (['not-acceptable'] as const) : []),
    ...(body ? (['too-large', 'unsupported-media-type'] as const) : []),
    ...ANYWHERE,
  ]);
}

/** Refusals of every route: of HTTP itself, and of parameters that the route does not have. */
const ANYWHERE = [
  'invalid',
  'malformed',
  'request-timeout',
  'expectation-failed',
  'headers-too-large',
  'internal',
] as const;

function byStatus(route: Route): Map<number, RefusalCode[]> {
  const groups = new Map<number, RefusalCode[]>();
  for (const code of refusalsOf(route)) {
    const { status } = errorAnswer(new Refusal(code), route.style);
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return groups;
}

function errorResponse(style: ErrorStyle, codes: readonly RefusalCode[]): object {
  const { contentType } = errorAnswer(new Refusal(codes[0] ?? 'internal'), style);
  const is503 = codes.some((code) => REFUSALS[code] === 503);
  return {
    description: codes.map((code) => DESCRIPTIONS[code]).join(' '),
    ...(is503
      ? { headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds.' } } }
      : {}),
    content: { [contentType]: { schema: { $ref: `#/components/schemas/${SCHEMA_NAMES[style.dialect]}` } } },
  };
}

const SCHEMA_NAMES = { personas: 'PersonasError', users: 'UsersError', problem: 'Problem' } as const;

const text: JsonSchema = { type: 'string' };

const ERROR_SCHEMAS: Record<string, JsonSchema> = {
  PersonasError: {
    type: 'object',
    properties: { message: text, errors: { type: 'array', items: exactly({ path: text, message: text }) } },
    required: ['message'],
    additionalProperties: false,
  },
  UsersError: {
    type: 'object',
    properties: {
      message: { oneOf: [text, { type: 'array', items: text }] },
      error: text,
      statusCode: { type: 'integer' },
    },
    required: ['message', 'statusCode'],
    additionalProperties: false,
  },
  Problem: {
    type: 'object',
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' },
      code: { enum: [...Object.keys(REFUSALS)] },
      detail: text,
      errors: { type: 'array', items: exactly({ path: text, detail: text }) },
    },
    required: ['type', 'title', 'status', 'code'],
  },
};

const DESCRIPTIONS: Record<RefusalCode, string> = {
  'no-such-path': 'There is no such path.',
  'method-not-allowed': 'The path does not take this method.',
  unauthorized: 'No token, or not a valid one.',
  forbidden: 'The role is not one of those allowed, or may not do this to this subject.',
  'not-acceptable': 'Accept names a separator or a charset that the file is not made with.',
  'unsupported-media-type': 'The body is not application/json.',
  'too-large': 'The body has more than 64 KiB.',
  malformed: 'The body is not JSON in UTF-8.',
  invalid: 'The request is not valid; every fault is told.',
  'key-reused': 'The Idempotency-Key was used with another request.',
  'not-found': 'There is nothing of this name.',
  stale: 'If-Match does not hold.',
  taken: 'The DNI or the account belongs to somebody else.',
  busy: 'Another job is not finished.',
  'nothing-kept': 'There is no earlier generation to go back to.',
  ended: 'The job has ended.',
  'expectation-failed': 'Expect is something other than 100-continue.',
  'request-timeout': 'The request took too long to arrive.',
  'headers-too-large': 'The headers have more than 16 KiB.',
  'too-many-requests': 'This account, or refused tokens from this address, are beyond a limit.',
  unavailable:
    'A store is out of reach or the outcome is unknown. Safe to repeat with the same Idempotency-Key.',
  internal: 'Something is broken here.',
};

const HEADERS: Record<AnswerHeader, object> = {
  ETag: { description: 'The id and revision of the document.', schema: { type: 'string' } },
  Location: { description: 'Where the document, or the job, is from now on.', schema: { type: 'string' } },
  'X-Padron-Position': {
    description: 'The position of the write, for reads that have to show it.',
    schema: positionParameter.schema,
  },
  'X-Padron-Behind': {
    description: 'Present when the answer may lack newer writes.',
    schema: { const: 'true' },
  },
  Link: { description: 'The next page, if there is one (rel="next").', schema: { type: 'string' } },
};

const headersOf = (names: readonly AnswerHeader[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [name, HEADERS[name]]));
