import type { Dialect, ErrorStyle, RequestError } from './errors.ts';
import type { ErrorDialect } from './errorDialect.ts';
import { personasDialect } from './personasDialect.ts';
import { problemDialect } from './problemDialect.ts';
import { usersDialect } from './usersDialect.ts';

export const DIALECTS: Record<Dialect, ErrorDialect> = {
  personas: personasDialect,
  users: usersDialect,
  problem: problemDialect,
};

/** An error answer, ready to be sent. */
export interface ErrorAnswer {
  status: number;
  body: object;
  contentType: ErrorDialect['contentType'];
  headers: Record<string, string>;
}

/** The answer to an error. A 5xx never reveals its cause. */
export function errorAnswer(refusal: RequestError, style: ErrorStyle): ErrorAnswer {
  const { contentType, answer: answerOf } = DIALECTS[style.dialect];
  const answer = answerOf(refusal, style);
  const headers: Record<string, string> = { 'problem-code': refusal.code };
  if (answer.status === 503 || answer.status === 429) {
    headers['retry-after'] = String(refusal.retryAfterSeconds);
  }
  if (answer.status === 401) headers['www-authenticate'] = 'Bearer';
  return { ...answer, contentType, headers };
}
