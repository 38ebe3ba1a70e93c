import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventStoreError } from '../../../eventErrors.ts';

/**
 * What a failed call means for an append:
 * - `refused`: the server refused for good; nothing is stored and a retry would not help;
 * - `not sent`: it reached no server that takes appends; nothing is stored and a retry is safe;
 * - `unknown`: the answer was lost; the events are stored, may be stored later, or never.
 */
export type Failure = 'refused' | 'not sent' | 'unknown';

/**
 * No answer within our own time limit: the client's calls can wait forever (discovery does, and
 * reads have no deadline).
 */
export class SilenceError extends Error {
  /** False if the server cannot have received the call: there was no connection or no room for it. */
  readonly wasSent: boolean;

  constructor(ms: number, wasSent = true) {
    super(`no answer within ${ms} ms`);
    this.name = 'SilenceError';
    this.wasSent = wasSent;
  }
}

/** The server cannot have received the append: it waited for room or for the connection, or an earlier one had failed. */
export class NotSentError extends Error {
  constructor(reason: string) {
    super(`not sent: ${reason}`);
    this.name = 'NotSentError';
  }
}

/**
 * The call ended before the append was answered. `cause` is why the call ended, which may concern
 * another append.
 */
export class StreamLostError extends Error {
  override readonly cause: Error;

  constructor(cause: Error) {
    super(cause.message);
    this.name = 'StreamLostError';
    this.cause = cause;
  }
}

const REFUSED_TYPES = [
  'access-denied',
  'invalid-argument',
  'maximum-append-size-exceeded',
  'stream-deleted',
  'unsupported',
];
/** gRPC: INVALID_ARGUMENT, PERMISSION_DENIED, FAILED_PRECONDITION, UNIMPLEMENTED, UNAUTHENTICATED. */
const REFUSED_CODES = [3, 7, 9, 12, 16];
/** Longest detail that is reported: gRPC's texts name the address and the reason. */
const MAX_DETAIL = 200;
/**
 * Texts of the server, of the client's discovery, and of grpc-js for calls that were never sent.
 */
const NOT_SENT_TEXTS = [
  'Server Is Not Ready',
  'Failed to discover',
  'No connection established',
  'Channel closed before call started',
  'Channel has been shut down',
];

/**
 * Classifies an error of the client. Errors come in three shapes: the client's own with a `type`, a
 * bare gRPC error with only a `code`, and a plain Error from discovery. Anything else is `unknown`,
 * the safe choice.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof NotSentError || (error instanceof SilenceError && !error.wasSent)) return 'not sent';
  const { type, code } = shapeOf(error);
  // A node that has just lost leadership may have stored the append without answering it.
  if (error instanceof StreamLostError && type === 'not-leader') return 'unknown';
  if (type === 'not-leader') return 'not sent';
  if (type !== undefined && REFUSED_TYPES.includes(type)) return 'refused';
  if (code !== undefined && REFUSED_CODES.includes(code)) return 'refused';
  const text = textOf(error);
  return NOT_SENT_TEXTS.some((known) => text.includes(known)) ? 'not sent' : 'unknown';
}

/** Whether the server dropped a live subscription because we read too slowly (gRPC ABORTED). */
export function isConsumerTooSlow(error: unknown): boolean {
  return shapeOf(error).code === 10 && textOf(error).includes('too slow');
}

export const isStreamNotFound = (error: unknown): boolean => shapeOf(error).type === 'stream-not-found';

/** Whether the account was refused: gRPC PERMISSION_DENIED or UNAUTHENTICATED. */
export function isAccessDenied(error: unknown): boolean {
  const { type, code } = shapeOf(error);
  return type === 'access-denied' || code === 7 || code === 16;
}

/**
 * Whether the server failed with an unspecified error, as it does for a position between two
 * events.
 */
export function isUnnamed(error: unknown): boolean {
  return shapeOf(error).type === 'unknown';
}

/**
 * Whether the client has dropped the connection: the next call goes to the leader or to a newly
 * found node.
 */
export function hasMoved(error: unknown): boolean {
  const { type, code } = shapeOf(error);
  return type === 'not-leader' || type === 'unavailable' || type === 'cancelled' || code === 14;
}

/** Whether no answer came in time, by our clock or by gRPC's. */
export const isSilence = (error: unknown): boolean =>
  error instanceof SilenceError || shapeOf(error).type === 'deadline-exceeded';

/**
 * Whether the node answers but takes no calls yet: it is starting, or the cluster is electing a
 * leader.
 */
export const isElecting = (error: unknown): boolean =>
  shapeOf(error).type === 'not-leader' || textOf(error).includes('Server Is Not Ready');

/**
 * The error for the port's callers: what failed and a short cause, never the connection string or
 * event data.
 */
export function storeError(what: string, cause: unknown, outcomeUnknown: boolean): EventStoreError {
  const { type, code } = shapeOf(cause);
  const plain = cause instanceof Error ? cause.message : 'no reason given';
  const why = type ?? (code === undefined ? plain : `gRPC ${code}`);
  const detail = type === 'unavailable' && plain !== '' ? ` (${plain.slice(0, MAX_DETAIL)})` : '';
  return new EventStoreError(`EventStoreDB could not ${what}: ${why}${detail}`, { outcomeUnknown, cause });
}

/**
 * Settles like `work`, or rejects with SilenceError after `ms`; the outcome of `work` is then
 * ignored.
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new SilenceError(ms));
    }, ms);
  });
  try {
    return await Promise.race([work, silence]);
  } catch (error) {
    await afterFailure();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Wait for this after a failed call and before the next one. The client closes its channel in the microtasks after a
 * failure, and a call started in between throws where nothing can catch it. The next tick of the event loop is safe.
 */
export const afterFailure = (): Promise<void> => nextTurn();

const textOf = (error: unknown): string => (error instanceof Error ? error.message : '');

function shapeOf(error: unknown): { type: string | undefined; code: number | undefined } {
  if (error instanceof StreamLostError) return shapeOf(error.cause);
  if (typeof error !== 'object' || error === null) return { type: undefined, code: undefined };
  const type = 'type' in error && typeof error.type === 'string' ? error.type : undefined;
  const code = 'code' in error && typeof error.code === 'number' ? error.code : undefined;
  return { type, code };
}
