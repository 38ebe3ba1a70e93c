import { WrongExpectedVersionError } from '@eventstore/db-client';
import { EventStoreError } from '../../../eventErrors.ts';
import type { AppendResult, EventStore, StreamAppend } from '../../../eventStore.ts';
import { expectValidAppends } from '../../expectValidAppends.ts';
import type { AppendSeries } from '../calls/appendStream.ts';
import { Budget } from '../calls/budget.ts';
import { proposed } from '../calls/events.ts';
import { failureOf, storeError } from '../calls/failures.ts';
import type { Connection } from '../connecting/connection.ts';
import type { KnownRevisions } from '../reading/knownRevisions.ts';
import { actualRevision, append, appendedAt, noteAppended } from './append.ts';

/** Appends without an answer yet: enough for some thousand a second where an answer takes 20 ms. */
const MAX_UNANSWERED = 64;

type Series = Parameters<NonNullable<EventStore['appendSeries']>>;

/**
 * See EventStore.appendSeries. The server processes the appends of one call in order, so many can be in flight; but then none can be
 * retried. An append that cannot share the call (too large, a server without BatchAppend, or a lost connection) is sent alone,
 * after all earlier ones have been answered.
 */
export async function appendSeries(
  connection: Connection,
  series: Series[0],
  { onStored, known }: Series[1] & { known: KnownRevisions },
): Promise<AppendResult> {
  let line: AppendSeries | null = null;
  /** Oldest first. The server answers in this order, so a full line waits for the first of them. */
  const unanswered: Promise<void>[] = [];
  const failures: Failure[] = [];
  let last: AppendResult = { outcome: 'appended', position: null };

  const sendInLine = (one: StreamAppend): boolean => {
    const answer = line ? sendOne(connection, line, one) : null;
    if (!answer) return false;
    unanswered.push(
      answer
        .then((result) => {
          last = result;
          if (result.outcome === 'appended') noteAppended(one, result.position, known);
          onStored([one]);
        })
        .catch((error: unknown) => {
          failures.push({ stream: one.stream, error });
        }),
    );
    return true;
  };

  try {
    for await (const appends of series) {
      expectValidAppends(appends);
      for (const one of appends) {
        if (failures.length > 0) break;
        if (!sendInLine(one)) {
          await Promise.all(unanswered.splice(0));
          if (failures.length > 0) break;
          last = await append(connection, [one], known);
          if (last.outcome === 'conflict') return last;
          onStored([one]);
          // After an append it is known whether the server has BatchAppend. If the connection is lost already, the next one finds out.
          line = await connection.appends.openSeries().catch(() => null);
        }
        if (unanswered.length >= MAX_UNANSWERED) await unanswered.shift();
      }
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(unanswered);
  }
  return failures[0] ? resultOf(failures[0]) : last;
}

interface Failure {
  stream: string;
  error: unknown;
}

/** Null, and nothing is sent, if the append has to be sent alone. */
function sendOne(
  connection: Connection,
  line: AppendSeries,
  one: StreamAppend,
): Promise<AppendResult> | null {
  const { stream, expected, events } = one;
  const order = { stream, expected, data: proposed(events) };
  const answer = line.append(order, new Budget(connection).step);
  return answer && answer.then((stored) => appendedAt(order, stored));
}

/** The first failure as the port has it: a conflict as a result, anything else thrown. */
function resultOf({ stream, error }: Failure): AppendResult {
  if (error instanceof WrongExpectedVersionError) {
    return { outcome: 'conflict', stream, actual: actualRevision(error) };
  }
  if (error instanceof EventStoreError) throw error;
  throw storeError('append', error, failureOf(error) === 'unknown');
}
