import { STATUS_CODES } from 'node:http';
import { describeIssue } from '../../presentation/issueTexts.ts';
import { reasonSchema } from '../../presentation/presentImport.ts';
import { exactly } from '../../presentation/schemas.ts';
import { REQUEST_ERRORS, type RequestError } from './errors.ts';
import { statusCode, text, type DialectAnswer, type ErrorDialect } from './errorDialect.ts';

/** Errors of every other route (RFC 9457). */
export const problemDialect: ErrorDialect = {
  contentType: 'application/problem+json',
  schemaName: 'Problem',
  schema: {
    type: 'object',
    description: 'An error of every other route (RFC 9457).',
    properties: {
      type: { type: 'string', const: 'about:blank' },
      title: text,
      status: statusCode,
      code: { $ref: '#/components/schemas/ProblemCode' },
      detail: text,
      errors: { type: 'array', items: exactly({ path: text, detail: text }) },
      reason: reasonSchema,
    },
    required: ['type', 'title', 'status', 'code'],
    additionalProperties: false,
  },
  answer,
};

function answer({ code, faults, detail, list }: RequestError): DialectAnswer {
  const status = REQUEST_ERRORS[code];
  const errors = faults.map((fault) => ({ path: fault.path, detail: describeIssue(fault) }));
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    code,
    ...(detail === null ? {} : { detail }),
    ...(errors.length > 0 ? { errors } : {}),
    ...(list === null ? {} : { reason: list }),
  };
  return { status, body };
}
