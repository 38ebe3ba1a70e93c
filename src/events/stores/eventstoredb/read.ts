import { BACKWARDS, END, FORWARDS, START } from '@eventstore/db-client';
import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import type { EventMark, Position, ReadStreamOptions, RecordedEvent } from '../../eventStore.ts';
import { isOwnStream, OWN_PREFIXES } from '../../streams.ts';
import { Budget, backoff } from './backoff.ts';
import type { Connection } from './connection.ts';
import { atPosition, positionOf, recorded } from './events.ts';
import { failureOf, isStreamNotFound, isUnnamed, storeError } from './failures.ts';
import { CAUGHT_UP, follow } from './follow.ts';
import type { FollowedItem } from './follow.ts';
import { itemsOf } from './items.ts';

/** How many events one call asks for at most. */
const PAGE = 1000;
const TRIES = 4;
const LONGEST_BACKOFF_MS = 500;

/** See EventStore.readStream. A deleted stream has no events. */
export async function readStream(
  connection: Connection,
  stream: string,
  { from, backwards = false, limit }: ReadStreamOptions,
): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  let next = from;
  while (events.length < limit && (next ?? 0) >= 0) {
    const maxCount = Math.min(PAGE, limit - events.length);
    const page = await readPage(connection, stream, { next, backwards, maxCount });
    events.push(...page);
    const last = page.at(-1);
    if (!last || page.length < maxCount) break;
    next = last.revision + (backwards ? -1 : 1);
  }
  return events;
}

/** See EventStore.readAll. The server leaves out other people's events, so that a page costs what it holds. */
export async function readAll(
  connection: Connection,
  after: Position | null,
  limit: number,
): Promise<RecordedEvent[]> {
  if (limit <= 0) return [];
  return repeatedly(connection, 'read the log', async (silenceMs) => {
    const events: RecordedEvent[] = [];
    const stream = follow(connection.client, after, OWN_PREFIXES, Math.min(limit, PAGE));
    for await (const item of itemsOf<FollowedItem>(stream, { silenceMs })) {
      if (item === CAUGHT_UP) break;
      const event = 'checkpoint' in item ? null : recorded(item);
      if (event) events.push(event);
      if (events.length === limit) break;
    }
    return events;
  });
}

/** See EventStore.head. Goes backwards over what others wrote last. */
export async function head(connection: Connection): Promise<Position | null> {
  return repeatedly(connection, 'find the end of the log', async (silenceMs) => {
    const log = connection.client.readAll({ direction: BACKWARDS, fromPosition: END });
    for await (const item of itemsOf<AllStreamResolvedEvent>(log, { silenceMs })) {
      if (item.event && isOwnStream(item.event.streamId)) return positionOf(item);
    }
    return null;
  });
}

/**
 * See EventStore.holds. A position beyond the end of the log is not asked for: the server may wait for it without a word.
 * For one between two events it has an error without a name, which counts when it stays while the server answers otherwise.
 */
export async function holds(connection: Connection, { position, id }: EventMark): Promise<boolean> {
  if (!(await reaches(connection, position))) return false;
  try {
    const found = await firstAt(connection, position);
    return found?.position === position && found.id === id;
  } catch (error) {
    if (!(error instanceof Error) || !isUnnamed(error.cause)) throw error;
    await firstAt(connection, END);
    return false;
  }
}

/** See EventStore.reaches. */
export async function reaches(connection: Connection, position: Position): Promise<boolean> {
  const end = await firstAt(connection, END);
  return end !== null && end.position >= position;
}

/** What stands at a position, or last in the log. */
async function firstAt(
  connection: Connection,
  at: Position | typeof END,
): Promise<{ position: Position; id: string | null } | null> {
  return repeatedly(connection, 'look at a position', async (silenceMs) => {
    const direction = at === END ? BACKWARDS : FORWARDS;
    const fromPosition = at === END ? END : atPosition(at);
    const log = connection.client.readAll({ direction, fromPosition, maxCount: 1 });
    for await (const item of itemsOf<AllStreamResolvedEvent>(log, { silenceMs })) {
      const position = positionOf(item);
      if (position !== null) return { position, id: item.event?.id ?? null };
    }
    return null;
  });
}

async function readPage(
  connection: Connection,
  stream: string,
  { next, backwards, maxCount }: { next: number | undefined; backwards: boolean; maxCount: number },
): Promise<RecordedEvent[]> {
  return repeatedly(connection, 'read a stream', async (silenceMs) => {
    const fromRevision = next === undefined ? (backwards ? END : START) : BigInt(next);
    const direction = backwards ? BACKWARDS : FORWARDS;
    const events: RecordedEvent[] = [];
    try {
      const page = connection.client.readStream(stream, { fromRevision, direction, maxCount });
      for await (const item of itemsOf<ResolvedEvent>(page, { silenceMs })) {
        const event = recorded(item);
        if (event) events.push(event);
      }
    } catch (error) {
      if (!isStreamNotFound(error)) throw error;
    }
    return events;
  });
}

/** Repeats a read that was lost on the way, for a few tries and no longer than the deadline; then throws EventStoreError. */
async function repeatedly<T>(
  { deadlineMs }: Connection,
  what: string,
  read: (silenceMs: number) => Promise<T>,
): Promise<T> {
  const budget = new Budget(deadlineMs);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await read(budget.step);
    } catch (error) {
      if (failureOf(error) === 'refused' || attempt + 1 === TRIES || budget.spent) {
        throw storeError(what, error, false);
      }
    }
    await backoff(attempt, Math.min(LONGEST_BACKOFF_MS, budget.left));
  }
}
