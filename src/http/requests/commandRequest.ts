import type { KeyObject } from 'node:crypto';
import type { Context } from 'koa';
import type { Outcome, Rejection, Request } from '../../commands/command.ts';
import { derivedKey, hmacOf } from '../../events/identifiers.ts';
import type { Actor } from '../../events/types.ts';
import { requestState } from '../route/requestState.ts';
import { RequestError } from '../errors/errors.ts';
import type { Parameter } from '../route/parameter.ts';
import { ifMatchOf } from './preconditions.ts';

export const idempotencyKeyParameter: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Makes the request safe to repeat: it is applied once, however often it is sent with the same key.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
};

export const writeParameters: Parameter[] = [
  {
    name: 'If-Match',
    in: 'header',
    description: 'ETags, or *: the write is refused with 412 if the document has none of them now.',
    schema: { type: 'string', pattern: '\\S' },
  },
  idempotencyKeyParameter,
];

/** The keys that hash the bodies of requests with an Idempotency-Key. */
export interface BodyKeys {
  present: KeyObject;
  /** The log's own key, which padron 0.1 used: a request begun then may be repeated now. */
  former: KeyObject;
}

export const bodyKeysOf = (logKey: KeyObject): BodyKeys => ({
  present: derivedKey(logKey, 'request bodies'),
  former: logKey,
});

/**
 * The command request of an HTTP request. The hash that identifies repeats is an HMAC and leaves
 * the password out, so neither a body nor a password can be guessed from what is stored.
 */
export function commandRequest(ctx: Context, actor: Actor, body: object, keys: BodyKeys): Request {
  const { requestId, correlationId, route, deadline } = requestState(ctx);
  const ifMatch = ifMatchOf(ctx);
  const value = ctx.headers['idempotency-key'];
  if (value === undefined) return { actor, requestId, correlationId, ifMatch, key: null, deadline };
  if (typeof value !== 'string' || !/^[!-~]{1,255}$/.test(value)) {
    const fault = { path: '/Idempotency-Key', member: 'Idempotency-Key', rule: 'key' };
    throw new RequestError('invalid', { faults: [fault] });
  }
  const name = `${ctx.method} ${route?.path ?? ''}`;
  const text = canonicalJson(body);
  const bodyHash = hmacOf(keys.present, 'body', text);
  const formerBodyHash = (): string => hmacOf(keys.former, 'body', text);
  const requestKey = { value, route: name, bodyHash, formerBodyHash };
  return { actor, requestId, correlationId, ifMatch, key: requestKey, deadline };
}

/**
 * The body as JSON with sorted members, without `password`. Bodies are flat (see the command
 * schemas).
 */
const canonicalJson = (body: object): string =>
  JSON.stringify(
    Object.entries(body)
      .filter(([member]) => member !== 'password')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** The outcome of a successful command; throws the RequestError for a rejected one. */
export function requireDone<State>(outcome: Outcome<State>): Extract<Outcome<State>, { outcome: 'done' }> {
  if (outcome.outcome === 'done') return outcome;
  throw refusalFor(outcome.rejection);
}

/** The error for a rejected command. */
export function refusalFor(rejection: Rejection): RequestError {
  switch (rejection.code) {
    case 'invalid':
      return new RequestError('invalid', { faults: rejection.faults });
    case 'taken':
      return new RequestError('taken', {
        faults: [{ path: `/${rejection.member}`, member: rejection.member, rule: 'taken' }],
      });
    case 'contention':
    case 'id-taken':
      return new RequestError('unavailable', { cause: new Error('other writers won every attempt') });
    case 'not-found':
    case 'forbidden':
    case 'stale':
    case 'key-reused':
      return new RequestError(rejection.code);
    default:
      return rejection satisfies never;
  }
}
