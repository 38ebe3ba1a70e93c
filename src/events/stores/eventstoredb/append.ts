import { NO_STREAM, WrongExpectedVersionError } from '@eventstore/db-client';
import type { JSONEventData } from '@eventstore/db-client';
import { EventStoreError, NO_REVISION } from '../../eventStore.ts';
import type { AppendResult, Position, StreamAppend } from '../../eventStore.ts';
import { Budget, backoff } from './backoff.ts';
import type { Connection } from './connection.ts';
import { proposed } from './events.ts';
import { failureOf, storeError, within } from './failures.ts';
import { readStream } from './read.ts';

/** How often an append that certainly did not arrive is sent again. */
const RESENDS = 3;
const LONGEST_BACKOFF_MS = 500;

/**
 * See EventStore.append: the streams one after the other, all within the deadline. An error after the first stream says
 * `outcomeUnknown`, since that one is stored.
 */
export async function append(
  connection: Connection,
  appends: readonly StreamAppend[],
): Promise<AppendResult> {
  const prepared = appends.map((one) => ({ ...one, data: proposed(one.events) }));
  if (new Set(appends.map(({ stream }) => stream)).size < appends.length) {
    throw new TypeError('an append names each stream once');
  }
  const budget = new Budget(connection.deadlineMs);
  let result: AppendResult = { outcome: 'appended', position: null };
  for (const [index, one] of prepared.entries()) {
    try {
      result = await appendToOne(connection, one, budget);
    } catch (error) {
      if (index === 0 || !(error instanceof EventStoreError)) throw error;
      throw new EventStoreError(error.message, { outcomeUnknown: true, cause: error.cause });
    }
    if (result.outcome === 'conflict') break;
  }
  return result;
}

type PreparedAppend = StreamAppend & { data: JSONEventData[] };

/**
 * Sends until there is an answer. A lost answer leaves three possibilities, told apart by what stands behind `expected`: our
 * ids (it was stored), others' (it never can be), nothing (it was not, or not yet: the same append again, at the same
 * revision, is recognised by its ids).
 */
async function appendToOne(
  connection: Connection,
  append: PreparedAppend,
  budget: Budget,
): Promise<AppendResult> {
  let maybeStored = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send(connection, append, budget.step);
    } catch (error) {
      if (error instanceof WrongExpectedVersionError) {
        return await conflictUnlessOurs(connection, append, error, budget);
      }
      if (error instanceof EventStoreError) throw error;
      const failure = failureOf(error);
      maybeStored ||= failure === 'unknown';
      const hopeless = failure === 'refused' || (!maybeStored && attempt === RESENDS);
      if (hopeless || budget.spent) throw storeError('append', error, maybeStored);
    }
    await backoff(attempt, Math.min(LONGEST_BACKOFF_MS, budget.left));
    if (!maybeStored) continue;
    const position = await positionOfOurs(connection, append, budget.step).catch(() => null);
    if (position !== null) return { outcome: 'appended', position };
  }
}

async function send({ client }: Connection, append: PreparedAppend, ms: number): Promise<AppendResult> {
  const { stream, expected, data } = append;
  const expectedRevision = expected === NO_REVISION ? NO_STREAM : BigInt(expected);
  const result = await within(ms, client.appendToStream(stream, data, { expectedRevision, deadline: ms }));
  if (result.nextExpectedRevision !== BigInt(expected + data.length)) {
    // Only on a stream that somebody deleted: its revisions went on where they were.
    throw new EventStoreError(
      'EventStoreDB stored events at other revisions: their stream had been deleted',
      {
        outcomeUnknown: true,
      },
    );
  }
  return { outcome: 'appended', position: result.position?.commit ?? null };
}

/** The server knows repeats by their ids; what it no longer knows is found by looking. Cannot look: outcome unknown. */
async function conflictUnlessOurs(
  connection: Connection,
  append: PreparedAppend,
  { actualVersion }: WrongExpectedVersionError,
  budget: Budget,
): Promise<AppendResult> {
  const actual = typeof actualVersion === 'bigint' ? Number(actualVersion) : NO_REVISION;
  if (actual >= append.expected + append.data.length) {
    const position = await positionOfOurs(connection, append, budget.step).catch((error: unknown) => {
      throw storeError('look for what it may have stored', error, true);
    });
    if (position !== null) return { outcome: 'appended', position };
  }
  return { outcome: 'conflict', stream: append.stream, actual };
}

/** The position of our last event if all of ours stand directly behind `expected`, else null. */
async function positionOfOurs(
  connection: Connection,
  append: PreparedAppend,
  ms: number,
): Promise<Position | null> {
  const { stream, expected, data } = append;
  const standing = await readStream({ ...connection, deadlineMs: ms }, stream, {
    from: expected + 1,
    limit: data.length,
  });
  const ours = data.every(({ id }, i) => standing[i]?.id === id && standing[i].revision === expected + 1 + i);
  return ours ? (standing.at(-1)?.position ?? null) : null;
}
