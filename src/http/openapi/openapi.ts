import { createRequire } from 'node:module';
import { setImmediate as nextTick } from 'node:timers/promises';
import type { JsonSchema } from '../../validation/schema.ts';
import { exampleOf } from './examples.ts';
import { errorAnswer } from '../errors/errorAnswer.ts';
import { RequestError, type RequestErrorCode } from '../errors/errors.ts';
import { answerHeaders, errorHeaders, HEADERS } from './openapiHeaders.ts';
import { ERROR_SCHEMAS, errorContent } from './openapiErrors.ts';
import { INFO, SECURITY_SCHEME, TAGS } from './openapiTexts.ts';
import type { Parameter } from '../route/parameter.ts';
import { publicSchema, type Components } from './publicSchema.ts';
import { REFUSAL_TEXTS } from '../errors/refusalTexts.ts';
import type { Route } from '../route/route.ts';
import { EVENT_STREAM } from '../route/streamed.ts';

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };

/** The OpenAPI 3.1 document, generated from the routes, one at a time, so that other requests run in between. */
export async function openApiDocument(routes: readonly Route[]): Promise<object> {
  const components: Components = new Map(Object.entries(ERROR_SCHEMAS));
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    (paths[describedPath(route.path)] ??= {})[route.method.toLowerCase()] = operationOf(route, components);
    await nextTick();
  }
  const tags = [...new Set(routes.map(({ tag }) => tag))];
  return {
    openapi: '3.1.0',
    info: { ...INFO, version },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: '/' }],
    tags: tags.map((name) => ({ name, description: TAGS[name] ?? '' })),
    paths,
    components: {
      securitySchemes: { bearer: SECURITY_SCHEME },
      schemas: Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
      headers: HEADERS,
      parameters: Object.fromEntries(ID_PARAMETERS.map((one) => [one.name, shownParameter(one, components)])),
    },
  };
}

/** A route's path as the description writes it: `/users/{dni}`. */
export const describedPath = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

function operationOf(route: Route, components: Components): object {
  const { roles, body, upload } = route;
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    security: roles ? [{ bearer: [] }] : [],
    description: roles ? `Roles: ${roles.join(', ')}.` : 'Open: needs no token.',
    parameters: [
      ...(route.parameters ?? []).map((one) => shownParameter(one, components)),
      ...ID_PARAMETERS.map(({ name }) => ({ $ref: `#/components/parameters/${name}` })),
    ],
    ...(body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': mediaOf(body.schema, components) },
          },
        }
      : {}),
    ...(upload ? { requestBody: { required: true, content: fileContent(upload.examples) } } : {}),
    responses: responsesOf(route, components),
  };
}

const fileContent = (examples: Readonly<Record<string, string>>): object =>
  Object.fromEntries(
    Object.entries(examples).map(([type, example]) => [type, { schema: { type: 'string' }, example }]),
  );

function shownParameter(parameter: Parameter, components: Components): object {
  const { schema, ...rest } = parameter;
  const example = exampleOf(schema, parameter.name);
  return {
    ...rest,
    schema: publicSchema(schema, components),
    ...(example === undefined ? {} : { example }),
  };
}

function mediaOf(schema: JsonSchema, components: Components): object {
  const example = exampleOf(schema);
  return { schema: publicSchema(schema, components), ...(example === undefined ? {} : { example }) };
}

/** The ids that a caller may set on any request. */
const ID_PARAMETERS: Parameter[] = ['X-Request-Id', 'X-Correlation-Id'].map((name) => ({
  name,
  in: 'header',
  description:
    'An id set by the caller: 1 to 128 of A-Z a-z 0-9 . _ : - are returned in the answer and stored with writes; otherwise padron creates one.',
  schema: { type: 'string', examples: ['desk-2-4711'] },
}));

function responsesOf(route: Route, components: Components): Record<string, object> {
  const { answer } = route;
  const { contentType = 'application/json', also = {} } = answer;
  const content = Object.entries({ [contentType]: answer.schema, ...also }).map(
    ([type, schema]): [string, object] => [
      type,
      {
        ...mediaOf(schema, components),
        ...(type === EVENT_STREAM && answer.event ? { 'x-events': eventsOf(answer.event, components) } : {}),
      },
    ],
  );
  const responses: Record<string, object> = {
    [answer.status]: {
      description: answer.description,
      headers: answerHeaders(answer.headers ?? []),
      content: Object.fromEntries(content),
    },
  };
  if (route.method === 'GET' && answer.headers?.includes('ETag')) {
    responses['304'] = {
      description: 'If-None-Match matches the present document.',
      headers: answerHeaders(answer.headers),
    };
  }
  if (answer.instead) {
    const { description, schema } = answer.instead;
    const instead = { 'application/json': mediaOf(schema, components) };
    responses['200'] = { description, headers: answerHeaders([]), content: instead };
  }
  if (answer.nothing !== undefined) {
    responses['204'] = { description: answer.nothing, headers: answerHeaders([]) };
  }
  for (const [status, codes] of byStatus(route)) {
    responses[status] = {
      description: codes.map((code) => `\`${code}\`: ${REFUSAL_TEXTS[code]}`).join(' '),
      headers: errorHeaders(status),
      content: errorContent(codes, route.style),
    };
  }
  return responses;
}

/** OpenAPI 3.1 cannot describe the data of an event: an extension names their schema. */
const eventsOf = (event: { name: string; data: JsonSchema }, components: Components): object => ({
  [event.name]: { data: publicSchema(event.data, components) },
});

/** The errors of a route: its own, and those that follow from its roles and body. */
function refusalsOf({ roles, body, upload, refusals, answer }: Route): Set<RequestErrorCode> {
  return new Set<RequestErrorCode>([
    ...refusals,
    ...(roles ? (['unauthorized', 'forbidden', 'too-many-requests', 'unavailable'] as const) : []),
    ...(answer.also ? (['not-acceptable'] as const) : []),
    ...(body || upload ? (['too-large', 'unsupported-media-type'] as const) : []),
    ...ANYWHERE,
  ]);
}

/** Errors of every route: of HTTP itself, and unknown parameters. */
const ANYWHERE = [
  'invalid',
  'malformed',
  'method-not-allowed',
  'request-timeout',
  'expectation-failed',
  'headers-too-large',
  'internal',
] as const;

function byStatus(route: Route): Map<number, RequestErrorCode[]> {
  const groups = new Map<number, RequestErrorCode[]>();
  for (const code of refusalsOf(route)) {
    const { status } = errorAnswer(new RequestError(code), route.style);
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return groups;
}
