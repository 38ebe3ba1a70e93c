import { EventStoreError } from '../../../eventErrors.ts';
import type { EventMark, ReadStreamOptions, RecordedEvent } from '../../../eventStore.ts';
import { Budget, backoff } from '../calls/budget.ts';
import { leaveNode } from '../connecting/client.ts';
import type { Connection } from '../connecting/connection.ts';
import { holds, lastPosition } from './head.ts';
import type { KnownRevisions } from './knownRevisions.ts';
import { readStream, shownUpTo } from './read.ts';

const MAX_BACKOFF_MS = 500;

/**
 * See EventStore.readStream. Never returns less than this process has appended to or read from the
 * stream: a node that has just lost leadership may not know it. Retries until the deadline, then
 * throws EventStoreError.
 */
export async function readUpToDate(
  connection: Connection,
  stream: string,
  options: ReadStreamOptions,
  known: KnownRevisions,
): Promise<RecordedEvent[]> {
  const budget = new Budget(connection);
  for (let attempt = 0; ; attempt += 1) {
    const begun = performance.now();
    const end = known.at(stream);
    const events = await readStream(connection, stream, options, budget);
    const isOlder = end !== undefined && shownUpTo(events, options) < end.revision;
    if (isOlder && (await isReplaced(connection, end.mark, budget))) known.forget(stream);
    else if (isOlder) {
      if (budget.spent) throw olderState(stream);
      await leaveNode(connection.client, begun);
      await backoff(attempt, Math.min(MAX_BACKOFF_MS, budget.left));
      continue;
    }
    const newest = options.backwards ? events[0] : events.at(-1);
    if (newest) known.saw(newest);
    return events;
  }
}

/**
 * Whether the log reaches the event's position without holding the event: then it is another log,
 * not an older state of this one.
 */
async function isReplaced(connection: Connection, mark: EventMark, budget: Budget): Promise<boolean> {
  const end = await lastPosition(connection, budget);
  return end >= mark.position && !(await holds(connection, mark, budget));
}

const olderState = (stream: string): EventStoreError =>
  new EventStoreError(`EventStoreDB returned an older state of ${stream} than before`, {
    outcomeUnknown: false,
  });
