import { STATUS_CODES } from 'node:http';
import { describeIssue } from '../../presentation/issueTexts.ts';
import { REQUEST_ERRORS, type ErrorStyle, type RequestError, type RequestErrorCode } from './errors.ts';
import { statusCode, text, type DialectAnswer, type ErrorDialect } from './errorDialect.ts';

/** Errors under /users: English, with a list of texts for an invalid body. */
export const usersDialect: ErrorDialect = {
  contentType: 'application/json',
  schemaName: 'UsersError',
  schema: {
    type: 'object',
    description: 'An error of a route under /users; the header Problem-Code has its code.',
    properties: {
      message: { oneOf: [text, { type: 'array', items: text }] },
      error: text,
      statusCode,
    },
    required: ['message', 'statusCode'],
    additionalProperties: false,
  },
  answer,
};

const MESSAGES: Record<RequestErrorCode, string> = {
  unauthorized: 'Invalid or expired token',
  forbidden: 'Forbidden resource',
  'not-found': 'User not found',
  'no-such-path': 'No such path',
  'method-not-allowed': 'Method not allowed',
  'not-acceptable': 'Accept names a separator or charset that CSV exports do not support',
  'unsupported-media-type': 'Content-Type must be application/json',
  'too-large': 'Request body is too large',
  malformed: 'Request body is not valid JSON',
  invalid: 'Request is not valid',
  'key-reused': 'Idempotency-Key was already used with another request',
  stale: 'The user has changed: If-Match does not match',
  taken: 'dni is already in use',
  busy: 'Another job is not finished',
  'nothing-kept': 'There is no earlier generation to restore',
  ended: 'The job has ended',
  'not-sealed': 'Nobody can be erased: this event log is not sealed',
  erased: 'The user was erased',
  'expectation-failed': 'Expect must be 100-continue',
  'request-timeout': 'The request took too long to arrive',
  'headers-too-large': 'Request headers are too large',
  'too-many-requests': 'Too many requests',
  unavailable: 'Temporarily unavailable, try again',
  internal: 'Internal server error',
};

function answer({ code, faults, detail }: RequestError, { unknownUser }: ErrorStyle): DialectAnswer {
  const usual = detail ?? MESSAGES[code];
  if (code === 'not-found' && unknownUser === 500) {
    return { status: 500, body: { statusCode: 500, message: usual } };
  }
  const status = REQUEST_ERRORS[code];
  const texts = faults.length > 0 ? faults.map(describeIssue) : [usual];
  const reason = code === 'not-found' && faults.length > 0 ? `${usual}: ${texts.join(', ')}` : usual;
  const message = status === 400 ? texts : reason;
  return { status, body: { message, error: STATUS_CODES[status], statusCode: status } };
}
