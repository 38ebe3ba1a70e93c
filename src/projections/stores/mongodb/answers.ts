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
import { ReadModelError } from '../../readModel.ts';

const ATTEMPTS = 3;
const PAUSE_MS = 50;
/** A lost connection shows at once; who has waited longer waited for a time limit, and should not wait for another one. */
const REPEAT_WITHIN_MS = 2_000;

/**
 * Runs an operation that is safe to repeat, and repeats it when the connection was lost or the primary moved: then nobody
 * knows whether it was done. What the driver reports in the end is turned into a ReadModelError; any other error is passed on.
 */
export async function whenAnswered<T>(run: () => Promise<T>): Promise<T> {
  const began = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const late = performance.now() - began > REPEAT_WITHIN_MS;
      if (attempt === ATTEMPTS || late || !outcomeUnknown(error)) throw readModelError(error);
    }
    await pause(PAUSE_MS * attempt * (1 + Math.random()));
  }
}

/**
 * Whether a write failed for nothing but documents whose `_id` is there already. Code 11000 is what every server says;
 * not `keyPattern`. Which documents they are is not in the answer for certain: FerretDB 1.24 stops an unordered update at
 * the first of them and reports it under index 0.
 */
export function isDuplicateKey(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError))
    return error instanceof MongoServerError && error.code === 11000;
  if (error.result.getWriteConcernError() !== undefined) return false;
  const faults = [error.writeErrors].flat();
  return faults.length > 0 && faults.every((fault) => fault.code === 11000);
}

function outcomeUnknown(error: unknown): boolean {
  if (error instanceof MongoNetworkTimeoutError) return false;
  if (error instanceof MongoNetworkError) return true;
  if (error instanceof MongoBulkWriteError) {
    return [error.writeErrors].flat().length === 0 && error.result.getWriteConcernError() === undefined;
  }
  return error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.RetryableWriteError);
}

/** The driver's errors carry documents (duplicate keys, failed operations): only names and codes are passed on. */
function readModelError(error: unknown): unknown {
  if (!(error instanceof MongoError)) return error;
  const said = [error.name];
  if (error.code !== undefined) said.push(`code ${error.code}`);
  if (error instanceof MongoServerError && error.codeName !== undefined) said.push(error.codeName);
  // These know no more than addresses.
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError)
    said.push(error.message);
  return new ReadModelError(`MongoDB: ${said.join(', ')}`);
}
