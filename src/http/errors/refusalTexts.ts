import type { RequestErrorCode } from './errors.ts';

/** What each stable code means, for /openapi.json. */
export const REFUSAL_TEXTS: Record<RequestErrorCode, string> = {
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
    'A store does not answer, or the outcome is unknown. Safe to repeat with the same Idempotency-Key.',
  internal: 'Something is broken here.',
};
