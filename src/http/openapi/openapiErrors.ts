import type { JsonSchema } from '../../validation/schema.ts';
import { DIALECTS, errorAnswer } from '../errors/errorAnswer.ts';
import {
  PROBLEM,
  REQUEST_ERRORS,
  RequestError,
  type ErrorStyle,
  type RequestErrorCode,
} from '../errors/errors.ts';

/** The formats of errors and their shared codes. */
export const ERROR_SCHEMAS: Record<string, JsonSchema> = {
  ...Object.fromEntries(Object.values(DIALECTS).map(({ schemaName, schema }) => [schemaName, schema])),
  ProblemCode: {
    type: 'string',
    description: 'The error code. Codes keep their meaning; new ones may be added.',
    enum: Object.keys(REQUEST_ERRORS),
  },
};

/** Codes of the HTTP parser, before there is a route. */
const BY_PARSER: readonly RequestErrorCode[] = ['malformed', 'request-timeout', 'headers-too-large'];
const ONLY_BY_PARSER: readonly RequestErrorCode[] = ['request-timeout', 'headers-too-large'];

/** The content of an error answer, with an example per code. */
export function errorContent(codes: readonly RequestErrorCode[], style: ErrorStyle): object {
  const ofRoute = codes.filter((code) => !ONLY_BY_PARSER.includes(code));
  const ofParser = codes.filter((code) => BY_PARSER.includes(code));
  return {
    ...(ofParser.length > 0 ? contentOf(ofParser, PROBLEM) : {}),
    ...(ofRoute.length > 0 ? contentOf(ofRoute, style) : {}),
  };
}

function contentOf(codes: readonly RequestErrorCode[], style: ErrorStyle): object {
  const { contentType } = errorAnswer(new RequestError('internal'), style);
  const examples = codes.map((code) => [code, { value: errorAnswer(exampleRefusal(code), style).body }]);
  const schema = { $ref: `#/components/schemas/${DIALECTS[style.dialect].schemaName}` };
  return { [contentType]: { schema, examples: Object.fromEntries(examples) as object } };
}

const FAULTS: Partial<Record<RequestErrorCode, { rule: string; wanted?: unknown }>> = {
  invalid: { rule: 'maxLength', wanted: 200 },
  taken: { rule: 'taken' },
};

function exampleRefusal(code: RequestErrorCode): RequestError {
  const fault = FAULTS[code];
  return new RequestError(code, fault ? { faults: [{ path: '/dni', member: 'dni', ...fault }] } : {});
}
