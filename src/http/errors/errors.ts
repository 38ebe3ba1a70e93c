import { STATUS_CODES } from 'node:http';
import type { Issue } from '../../validation/schema.ts';
import { describeIssue, describeIssueInSpanish } from '../../presentation/issueTexts.ts';

/** Every error code with its status. The only list; the codes are part of the API. */
export const REQUEST_ERRORS = {
  'no-such-path': 404,
  'method-not-allowed': 405,
  unauthorized: 401,
  forbidden: 403,
  'not-acceptable': 406,
  'unsupported-media-type': 415,
  'too-large': 413,
  malformed: 400,
  invalid: 400,
  'key-reused': 422,
  'not-found': 404,
  stale: 412,
  taken: 409,
  busy: 409,
  'nothing-kept': 409,
  ended: 409,
  'not-sealed': 409,
  erased: 410,
  'expectation-failed': 417,
  'request-timeout': 408,
  'headers-too-large': 431,
  'too-many-requests': 429,
  unavailable: 503,
  internal: 500,
} as const;

export type RequestErrorCode = keyof typeof REQUEST_ERRORS;

/** Seconds after which a client may retry, unless the error sets them. */
const RETRY_AFTER_SECONDS = 1;

/** A request that gets an error answer. Thrown anywhere below the error middleware. */
export class RequestError extends Error {
  readonly code: RequestErrorCode;
  readonly faults: readonly Issue[];
  /** Further text for the answer; usually null. */
  readonly detail: string | null;
  /** The reason for the log and the metrics: one of a few fixed texts. */
  readonly reason: string | null;
  readonly retryAfterSeconds: number;

  constructor(code: RequestErrorCode, options: RefusalOptions = {}) {
    super(code, { cause: options.cause });
    this.name = 'RequestError';
    this.code = code;
    this.faults = options.faults ?? [];
    this.detail = options.detail ?? null;
    this.reason = options.reason ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds ?? RETRY_AFTER_SECONDS;
  }
}

export interface RefusalOptions {
  faults?: readonly Issue[];
  detail?: string;
  reason?: string;
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** The answer as sent. */
export interface ErrorAnswer {
  status: number;
  body: object;
  contentType: 'application/json' | 'application/problem+json';
  headers: Record<string, string>;
}

/** The format of a route's errors: by the prefix of its path and by what the route does. */
export interface ErrorStyle {
  dialect: Dialect;
  /** The `message` of a persona route for errors without their own text. */
  failureMessage: string;
  /** /users: the status for an unknown user: 500 on the documented endpoints, 404 on reads. */
  unknownUser: 404 | 500;
}

/** The style of all paths except /api/personas and /users. */
export const PROBLEM: ErrorStyle = { dialect: 'problem', failureMessage: '', unknownUser: 404 };

/** The style of routes under /api/personas. */
export const personasStyle = (failureMessage: string): ErrorStyle => ({
  dialect: 'personas',
  failureMessage,
  unknownUser: 404,
});

/** The style of routes under /users, but for the documented writes. */
export const USERS: ErrorStyle = { dialect: 'users', failureMessage: '', unknownUser: 404 };

export type Dialect = 'personas' | 'users' | 'problem';

const dialectOf = (path: string): Dialect => {
  if (path.startsWith('/api/personas')) return 'personas';
  return path.startsWith('/users') ? 'users' : 'problem';
};

/** The style of a path without a route. */
export const styleOf = (path: string): ErrorStyle => ({
  dialect: dialectOf(path),
  failureMessage: 'Error en la solicitud',
  unknownUser: 404,
});

const ANSWERS = { personas: personasAnswer, users: usersAnswer, problem: problemAnswer };

/** The answer to an error. A 5xx never reveals its cause. */
export function errorAnswer(refusal: RequestError, style: ErrorStyle): ErrorAnswer {
  const answer = ANSWERS[style.dialect](refusal, style);
  const headers: Record<string, string> = { 'problem-code': refusal.code };
  if (answer.status === 503 || answer.status === 429) {
    headers['retry-after'] = String(refusal.retryAfterSeconds);
  }
  if (answer.status === 401) headers['www-authenticate'] = 'Bearer';
  return { contentType: 'application/json', ...answer, headers };
}

type Answer = Pick<ErrorAnswer, 'status' | 'body'> & Partial<ErrorAnswer>;

const PERSONAS_MESSAGES: Partial<Record<RequestErrorCode, string>> = {
  unauthorized: 'Token inválido o expirado',
  forbidden: 'No autorizado',
  'not-found': 'Persona no encontrada',
  erased: 'Los datos de esta persona se han borrado',
  'no-such-path': 'Ruta no encontrada',
  'method-not-allowed': 'Método no permitido',
  'too-many-requests': 'Demasiadas solicitudes',
  'not-sealed': 'No se puede borrar a nadie: el registro no está sellado',
};

function personasAnswer({ code, faults }: RequestError, { failureMessage }: ErrorStyle): Answer {
  const message = PERSONAS_MESSAGES[code] ?? failureMessage;
  const errors = faults.map((fault) => ({ path: fault.path, message: describeIssueInSpanish(fault) }));
  return { status: REQUEST_ERRORS[code], body: errors.length > 0 ? { message, errors } : { message } };
}

const USERS_MESSAGES: Record<RequestErrorCode, string> = {
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

function usersAnswer({ code, faults, detail }: RequestError, { unknownUser }: ErrorStyle): Answer {
  const text = detail ?? USERS_MESSAGES[code];
  if (code === 'not-found' && unknownUser === 500) {
    return { status: 500, body: { statusCode: 500, message: text } };
  }
  const status = REQUEST_ERRORS[code];
  const texts = faults.length > 0 ? faults.map(describeIssue) : [text];
  const reason = code === 'not-found' && faults.length > 0 ? `${text}: ${texts.join(', ')}` : text;
  const message = status === 400 ? texts : reason;
  return { status, body: { message, error: STATUS_CODES[status], statusCode: status } };
}

function problemAnswer({ code, faults, detail }: RequestError): Answer {
  const status = REQUEST_ERRORS[code];
  const errors = faults.map((fault) => ({ path: fault.path, detail: describeIssue(fault) }));
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    code,
    ...(detail === null ? {} : { detail }),
    ...(errors.length > 0 ? { errors } : {}),
  };
  return { status, body, contentType: 'application/problem+json' };
}
