import { NO_STREAM, WrongExpectedVersionError, type EventData } from '@eventstore/db-client';
import { EventStoreError } from '../../../eventErrors.ts';
import { NO_REVISION, type AppendResult, type Position, type StreamAppend } from '../../../eventStore.ts';
import { expectValidAppends } from '../../expectValidAppends.ts';
import { Budget, backoff } from '../calls/budget.ts';
import type { Connection } from '../connecting/connection.ts';
import { proposed } from '../calls/events.ts';
import { failureOf, storeError, within } from '../calls/failures.ts';
import type { Stored } from '../calls/waitingAppend.ts';
import type { KnownRevisions } from '../reading/knownRevisions.ts';
import { readStream } from '../reading/read.ts';
import { isHopeless, prepareNextTry } from '../reading/repeatedly.ts';

/** Replication takes milliseconds: if the conflicting event cannot be read yet, retry soon. */
const MAX_REPLICATION_BACKOFF_MS = 200;

/**
 * See EventStore.append. Appends the streams one after another within one deadline. After the first
 * stream, errors say `outcomeUnknown`, because that stream is already stored. `known` records
 * acknowledged and conflicting events.
 */
export async function append(
  connection: Connection,
  appends: readonly StreamAppend[],
  known?: KnownRevisions,
): Promise<AppendResult> {
  expectValidAppends(appends);
  const prepared = appends.map((one) => ({ ...one, data: proposed(one.events) }));
  const budget = new Budget(connection);
  let result: AppendResult = { outcome: 'appended', position: null };
  for (const [index, one] of prepared.entries()) {
    try {
      result = await appendToOne(connection, one, budget, known);
      if (result.outcome === 'appended') noteAppended(one, result.position, known);
    } catch (error) {
      if (index === 0 || !(error instanceof EventStoreError)) throw error;
      throw new EventStoreError(error.message, { outcomeUnknown: true, cause: error.cause });
    }
    if (result.outcome === 'conflict') break;
  }
  return result;
}

export function noteAppended(
  append: StreamAppend,
  position: Position | null,
  known: KnownRevisions | undefined,
): void {
  const { stream, expected, events } = append;
  const last = events.at(-1);
  // Success without a position means a repeated append to a deleted stream.
  if (position === null) known?.forget(stream);
  else if (last) known?.saw({ stream, revision: expected + events.length, position, id: last.id });
}

type PreparedAppend = StreamAppend & { data: EventData[] };

/**
 * Sends until there is an answer. If an answer is lost, the events after `expected` decide: ours
 * (stored), others' (conflict), or none (send again: the server recognises the same append by its
 * ids).
 */
async function appendToOne(
  connection: Connection,
  append: PreparedAppend,
  budget: Budget,
  known: KnownRevisions | undefined,
): Promise<AppendResult> {
  let maybeStored = false;
  for (let attempt = 0; ; attempt += 1) {
    const begun = performance.now();
    try {
      return await send(connection, append, budget.step);
    } catch (error) {
      if (error instanceof EventStoreError) throw error;
      if (error instanceof WrongExpectedVersionError) {
        const settled = await settleConflict(connection, append, { error, budget, maybeStored, known });
        if (settled) return settled;
        await backoff(attempt, Math.min(MAX_REPLICATION_BACKOFF_MS, budget.left));
        continue;
      }
      const failure = failureOf(error);
      maybeStored ||= failure === 'unknown';
      const hopeless = failure === 'refused' || (!maybeStored && isHopeless(connection, attempt, error));
      if (hopeless || budget.spent) throw storeError('append', error, maybeStored);
      await prepareNextTry(connection, { attempt, error, begun, budget });
    }
    if (!maybeStored) continue;
    const position = await positionOfOurs(connection, append, budget).catch(() => null);
    if (position !== null) return { outcome: 'appended', position };
  }
}

async function send(connection: Connection, append: PreparedAppend, ms: number): Promise<AppendResult> {
  const { stream, expected, data } = append;
  const shared = await connection.appends.append({ stream, expected, data }, ms);
  return appendedAt(append, shared ?? (await sendAlone(connection, append, ms)));
}

/** What the server answered as the port's result. Throws an EventStoreError where the revisions are not the expected ones. */
export function appendedAt(
  { expected, data }: Pick<PreparedAppend, 'expected' | 'data'>,
  { revision, position }: Stored,
): AppendResult {
  if (revision !== expected + data.length) {
    // Only after somebody deleted the stream: its revisions continue after the deleted ones.
    throw new EventStoreError('EventStoreDB stored events at other revisions: the stream had been deleted', {
      outcomeUnknown: true,
    });
  }
  return { outcome: 'appended', position };
}

/** Sends the append in a call of its own: for servers without BatchAppend, and for appends too large to share a call. */
async function sendAlone({ client }: Connection, append: PreparedAppend, ms: number): Promise<Stored> {
  const { stream, expected, data } = append;
  const expectedRevision = expected === NO_REVISION ? NO_STREAM : BigInt(expected);
  const { nextExpectedRevision, position } = await within(
    ms,
    client.appendToStream(stream, data, { expectedRevision, deadline: ms, requiresLeader: true }),
  );
  return { revision: Number(nextExpectedRevision), position: position?.commit ?? null };
}

/**
 * Resolves a wrong-revision refusal. The server recognises repeats by their ids, but only recent
 * ones, so the stream is read as well. A leader refuses by what it has written but shows only what
 * a majority has: returns null while the conflicting event cannot be read, because the next leader
 * may not have it. Throws EventStoreError when no time is left to retry.
 */
async function settleConflict(
  connection: Connection,
  append: PreparedAppend,
  conflict: {
    error: WrongExpectedVersionError;
    budget: Budget;
    maybeStored: boolean;
    known: KnownRevisions | undefined;
  },
): Promise<AppendResult | null> {
  const { error, budget, maybeStored, known } = conflict;
  const { stream, expected, data } = append;
  const actual = actualRevision(error);
  if (actual <= expected) return { outcome: 'conflict', stream, actual };
  try {
    if (actual >= expected + data.length) {
      const position = await positionOfOurs(connection, append, budget);
      if (position !== null) return { outcome: 'appended', position };
    }
    const [newest] = await readStream(connection, stream, { backwards: true, limit: 1 }, budget);
    if (newest && newest.revision >= actual) {
      known?.saw(newest);
      return { outcome: 'conflict', stream, actual };
    }
  } catch (cause) {
    throw storeError('read the event that conflicts with an append', cause, true);
  }
  if (!budget.spent) return null;
  throw new EventStoreError('EventStoreDB has not replicated the event that conflicts with an append', {
    outcomeUnknown: maybeStored,
    cause: error,
  });
}

/** The revision of the stream as the server's refusal says. */
export const actualRevision = ({ actualVersion }: WrongExpectedVersionError): number =>
  typeof actualVersion === 'bigint' ? Number(actualVersion) : NO_REVISION;

/** The position of our last event if all our events directly follow `expected`, else null. */
async function positionOfOurs(
  connection: Connection,
  append: PreparedAppend,
  budget: Budget,
): Promise<Position | null> {
  const { stream, expected, data } = append;
  const stored = await readStream(connection, stream, { from: expected + 1, limit: data.length }, budget);
  const ours = data.every(({ id }, i) => stored[i]?.id === id && stored[i].revision === expected + 1 + i);
  return ours ? (stored.at(-1)?.position ?? null) : null;
}
