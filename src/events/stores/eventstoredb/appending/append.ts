import { NO_STREAM, WrongExpectedVersionError } from '@eventstore/db-client';
import type { EventData } from '@eventstore/db-client';
import { EventStoreError, expectValidAppends, NO_REVISION } from '../../../eventStore.ts';
import type { AppendResult, Position, StreamAppend } from '../../../eventStore.ts';
import { Budget, backoff } from '../following/subscriptionBackoff.ts';
import type { Connection } from '../connecting/connection.ts';
import { proposed } from '../events.ts';
import { failureOf, storeError, within } from '../failures.ts';
import type { KnownRevisions } from './knownRevisions.ts';
import { readStream } from '../reading/read.ts';
import { isHopeless, prepareNextTry } from '../reading/repeatedly.ts';

/** Replication takes milliseconds: a conflict whose event cannot be read yet is looked at again soon. */
const MAX_REPLICATION_BACKOFF_MS = 200;

/**
 * See EventStore.append: the streams one after the other, all within the deadline. An error after the first stream says
 * `outcomeUnknown`, since that one is stored. What `known` is told of is acknowledged, or stands in the way.
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

function noteAppended(
  append: StreamAppend,
  position: Position | null,
  known: KnownRevisions | undefined,
): void {
  const { stream, expected, events } = append;
  const last = events.at(-1);
  // Success without a position: a repeat on a stream that was deleted.
  if (position === null) known?.forget(stream);
  else if (last) known?.saw({ stream, revision: expected + events.length, position, id: last.id });
}

type PreparedAppend = StreamAppend & { data: EventData[] };

/**
 * Sends until there is an answer. A lost answer leaves three possibilities, told apart by what stands behind `expected`: our
 * ids (it was stored), others' (it never can be), nothing (it was not, or not yet: the same append again, at the same
 * revision, is recognised by its ids).
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

async function send({ client }: Connection, append: PreparedAppend, ms: number): Promise<AppendResult> {
  const { stream, expected, data } = append;
  const expectedRevision = expected === NO_REVISION ? NO_STREAM : BigInt(expected);
  const result = await within(
    ms,
    client.appendToStream(stream, data, { expectedRevision, deadline: ms, requiresLeader: true }),
  );
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

/**
 * What a refusal for a wrong revision comes to. The server knows repeats by their ids; what it no longer knows is found by
 * looking. A leader refuses by what it has written and shows what a majority has: null while the event in the way cannot be
 * read, because the next leader may not have it. Throws EventStoreError when there is no time left to look again.
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
  const { actualVersion } = error;
  const actual = typeof actualVersion === 'bigint' ? Number(actualVersion) : NO_REVISION;
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
    throw storeError('look for what stands in the way of an append', cause, true);
  }
  if (!budget.spent) return null;
  throw new EventStoreError('EventStoreDB has not replicated the event that stands in the way of an append', {
    outcomeUnknown: maybeStored,
    cause: error,
  });
}

/** The position of our last event if all of ours stand directly behind `expected`, else null. */
async function positionOfOurs(
  connection: Connection,
  append: PreparedAppend,
  budget: Budget,
): Promise<Position | null> {
  const { stream, expected, data } = append;
  const standing = await readStream(connection, stream, { from: expected + 1, limit: data.length }, budget);
  const ours = data.every(({ id }, i) => standing[i]?.id === id && standing[i].revision === expected + 1 + i);
  return ours ? (standing.at(-1)?.position ?? null) : null;
}
