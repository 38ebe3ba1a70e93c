import { BACKWARDS, END, FORWARDS, START } from '@eventstore/db-client';
import type { ResolvedEvent } from '@eventstore/db-client';
import { NO_REVISION } from '../../../eventStore.ts';
import type { Position, ReadStreamOptions, RecordedEvent } from '../../../eventStore.ts';
import { isOwnStream } from '../../../streams.ts';
import { Budget } from '../calls/budget.ts';
import type { Connection } from '../connecting/connection.ts';
import { recorded } from '../calls/events.ts';
import { isStreamNotFound } from '../calls/failures.ts';
import { CAUGHT_UP, follow } from '../calls/follow.ts';
import type { FollowedItem } from '../calls/follow.ts';
import { itemsOf } from '../calls/items.ts';
import { repeatedly } from './repeatedly.ts';

/** Events per call, at most. */
const PAGE = 1000;

/** See EventStore.readStream. The leader answers. A deleted stream has no events. */
export async function readStream(
  connection: Connection,
  stream: string,
  { from, backwards = false, limit }: ReadStreamOptions,
  budget = new Budget(connection),
): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  let next = from;
  while (events.length < limit && (next ?? 0) >= 0) {
    const maxCount = Math.min(PAGE, limit - events.length);
    const page = await readPage(connection, stream, { next, backwards, maxCount }, budget);
    events.push(...page);
    const last = page.at(-1);
    if (!last || page.length < maxCount) break;
    next = last.revision + (backwards ? -1 : 1);
  }
  return events;
}

/**
 * The revision that a read proves the stream to have. If the stream is known to go further, the
 * read returned an older state.
 */
export function shownUpTo(
  events: readonly RecordedEvent[],
  { from, backwards = false, limit }: ReadStreamOptions,
): number {
  if (backwards) {
    const newest = events[0]?.revision ?? NO_REVISION;
    return from === undefined || newest < from ? newest : Infinity;
  }
  return events.length < limit ? (events.at(-1)?.revision ?? (from ?? 0) - 1) : Infinity;
}

/** See EventStore.readAll. The leader answers and filters out other applications' events. */
export async function readAll(
  connection: Connection,
  after: Position | null,
  limit: number,
): Promise<RecordedEvent[]> {
  if (limit <= 0) return [];
  return repeatedly(connection, 'read the log', async (silenceMs) => {
    const events: RecordedEvent[] = [];
    const buffered = Math.min(limit, PAGE);
    const stream = follow(connection.client, after, { buffered, requiresLeader: true });
    for await (const item of itemsOf<FollowedItem>(stream, { silenceMs })) {
      if (item === CAUGHT_UP) break;
      const event = 'checkpoint' in item ? null : recorded(item);
      if (event && isOwnStream(event.stream)) events.push(event);
      if (events.length === limit) break;
    }
    return events;
  });
}

async function readPage(
  connection: Connection,
  stream: string,
  { next, backwards, maxCount }: { next: number | undefined; backwards: boolean; maxCount: number },
  budget: Budget,
): Promise<RecordedEvent[]> {
  const read = async (silenceMs: number): Promise<RecordedEvent[]> => {
    const fromRevision = next === undefined ? (backwards ? END : START) : BigInt(next);
    const direction = backwards ? BACKWARDS : FORWARDS;
    const events: RecordedEvent[] = [];
    try {
      const page = connection.client.readStream(stream, {
        fromRevision,
        direction,
        maxCount,
        requiresLeader: true,
      });
      for await (const item of itemsOf<ResolvedEvent>(page, { silenceMs })) {
        const event = recorded(item);
        if (event) events.push(event);
      }
    } catch (error) {
      if (!isStreamNotFound(error)) throw error;
    }
    return events;
  };
  return repeatedly(connection, 'read a stream', read, budget);
}
