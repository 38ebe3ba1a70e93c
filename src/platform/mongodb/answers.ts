import { setTimeout as pause } from 'node:timers/promises';
import {
  MongoBulkWriteError,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import { pauseMs } from '../backoff.ts';
import { beforeDeadline, withinMs } from '../deadline.ts';
import { PadronError } from '../padronError.ts';
import { MongoFailure, MongoRefusal } from './mongoFailure.ts';
import { refusalOf } from './refusal.ts';

const MAX_ATTEMPTS = 3;
const PAUSE_MS = { minMs: 100, maxMs: 200 };
/** A lost connection fails sooner than this; after a time limit, a repeat would double the wait. */
const MAX_REPEAT_MS = 2_000;
/**
 * Milliseconds to wait for an answer. The driver's own limits end a call before that, except when
 * its socket was destroyed while it waited to write: then its promise never settles.
 */
const MAX_ANSWER_MS = 12_000;

/** No answer within the limit: the outcome is unknown. */
class NoAnswerError extends Error {
  constructor(limitMs: number) {
    super(`no answer within ${limitMs} ms`);
    this.name = 'NoAnswerError';
  }
}

/**
 * Runs an operation that is safe to repeat, and repeats it if the connection was lost or the
 * primary moved, because its outcome is then unknown. `isRepeated`: an earlier attempt may have
 * succeeded. Always settles: with the answer, or with MongoFailure; MongoRefusal if a repeat cannot help.
 * padron's own errors and those in our code (TypeError, RangeError, SyntaxError) are passed on.
 */
export async function whenAnswered<T>(
  run: (isRepeated: boolean) => Promise<T>,
  limitMs = MAX_ANSWER_MS,
): Promise<T> {
  const began = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await within(limitMs, run(attempt > 1));
    } catch (error) {
      const late = performance.now() - began > MAX_REPEAT_MS;
      if (attempt === MAX_ATTEMPTS || late || !outcomeUnknown(error)) throw failureOf(error);
    }
    await pause(pauseMs(attempt - 1, PAUSE_MS));
  }
}

/** The answer, or NoAnswerError if it takes longer; a later answer is ignored. */
export const within = <T>(limitMs: number, answer: Promise<T>): Promise<T> =>
  withinMs(limitMs, (limit) => beforeDeadline(limit, answer, () => new NoAnswerError(limitMs)));

/**
 * Whether a write failed only because documents with its `_id` exist. Every server reports code
 * 11000, but not all report `keyPattern`, nor reliably which documents: FerretDB 1.24 stops an
 * unordered update at the first one and reports it under index 0.
 */
export function isDuplicateKey(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError))
    return error instanceof MongoServerError && error.code === 11000;
  if (error.result.getWriteConcernError() !== undefined) return false;
  const faults = [error.writeErrors].flat();
  return faults.length > 0 && faults.every((fault) => fault.code === 11000);
}

/** Whether a write succeeded; false if it failed only because documents with its `_id` exist. */
export async function unlessDuplicate(writing: Promise<unknown>): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

function outcomeUnknown(error: unknown): boolean {
  if (error instanceof MongoNetworkTimeoutError || error instanceof NoAnswerError) return false;
  if (error instanceof MongoNetworkError) return true;
  if (error instanceof MongoBulkWriteError) {
    return [error.writeErrors].flat().length === 0 && error.result.getWriteConcernError() === undefined;
  }
  if (error instanceof MongoError) return error.hasErrorLabel(MongoErrorLabel.RetryableWriteError);
  return isForeign(error);
}

/** Whether an error is neither padron's own nor a programming error, such as a socket's. */
const isForeign = (error: unknown): boolean =>
  !(error instanceof PadronError) && !OWN_FAULTS.some((kind) => error instanceof kind);

const OWN_FAULTS = [TypeError, RangeError, SyntaxError, ReferenceError];

/** The driver's errors quote documents (in duplicate keys, say): only names and codes are passed on. */
function failureOf(error: unknown): unknown {
  if (!isForeign(error)) return error;
  const refusal = refusalOf(error);
  if (refusal !== null) return new MongoRefusal(refusal);
  const { name, message, code } = error as NodeJS.ErrnoException;
  const said = [name];
  if (code !== undefined) said.push(`code ${code}`);
  if (error instanceof MongoServerError && error.codeName !== undefined) said.push(error.codeName);
  // Their messages contain only addresses and limits.
  const isHarmless = [MongoServerSelectionError, MongoNetworkError, NoAnswerError].some(
    (kind) => error instanceof kind,
  );
  if (isHarmless) said.push(message);
  return new MongoFailure(`MongoDB: ${said.join(', ')}`);
}
