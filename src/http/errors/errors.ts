import type { Reason } from '../../projections/record/listImport.ts';
import type { Issue } from '../../validation/schema.ts';

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
  /** The reason if a list cannot be imported. */
  readonly list: Reason | null;

  constructor(code: RequestErrorCode, options: RefusalOptions = {}) {
    super(code, { cause: options.cause });
    this.name = 'RequestError';
    this.code = code;
    this.faults = options.faults ?? [];
    this.detail = options.detail ?? null;
    this.reason = options.reason ?? null;
    this.list = options.list ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds ?? RETRY_AFTER_SECONDS;
  }
}

export interface RefusalOptions {
  faults?: readonly Issue[];
  detail?: string;
  reason?: string;
  list?: Reason;
  retryAfterSeconds?: number;
  cause?: unknown;
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
