import type { RequestErrorCode } from './errors.ts';

/** What each stable code means, for /openapi.json. */
export const REFUSAL_TEXTS: Record<RequestErrorCode, string> = {
  'no-such-path': 'The path does not exist.',
  'method-not-allowed': 'The path does not support this method.',
  unauthorized: 'No token, or an invalid one.',
  forbidden: 'The role may not use this route, or may not do this to this subject.',
  'not-acceptable': 'Accept names a separator or charset that exports do not support, or is too long.',
  'unsupported-media-type': 'The body has another content type, charset or encoding than the route takes.',
  'too-large': 'The body is larger than 64 KiB, or the file larger than the server takes.',
  malformed: 'The body is not JSON in UTF-8.',
  invalid: 'The request is invalid; all errors are listed.',
  'key-reused': 'The Idempotency-Key was used with another request.',
  'not-found': 'The resource does not exist.',
  stale: 'If-Match does not match.',
  taken: 'Another subject has this DNI or account.',
  busy: 'Another job is not finished.',
  'nothing-kept': 'There is no earlier generation to restore.',
  ended: 'The job has ended.',
  'not-sealed': 'Nobody can be erased from an event log that was begun without sealing.',
  erased: 'The person was erased: nothing of the past can be shown any more.',
  'expectation-failed': 'Expect is something other than 100-continue.',
  'request-timeout': 'The request took too long to arrive.',
  'headers-too-large': 'The headers have more than 16 KiB.',
  'too-many-requests': 'This account, or refused tokens from this address, exceeded a limit.',
  unavailable:
    'A store does not answer, or the outcome is unknown. Safe to repeat with the same Idempotency-Key.',
  internal: 'Unexpected error.',
};
