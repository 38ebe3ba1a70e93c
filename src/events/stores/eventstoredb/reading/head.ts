import { BACKWARDS, END, FORWARDS } from '@eventstore/db-client';
import type { AllStreamResolvedEvent } from '@eventstore/db-client';
import { lastEventOf, markOf } from '../../../eventStore.ts';
import type { EventMark, Position, RecordedEvent } from '../../../eventStore.ts';
import { isOwnStream, sequenceStream, SETTINGS_STREAM, SKIPS_STREAM } from '../../../streams.ts';
import { EventStoreError } from '../../../eventErrors.ts';
import { Budget, backoff } from '../calls/budget.ts';
import { leaveNode } from '../connecting/client.ts';
import type { Connection } from '../connecting/connection.ts';
import { atPosition, positionOf, recorded } from '../calls/events.ts';
import { isUnnamed } from '../calls/failures.ts';
import { CAUGHT_UP, follow } from '../calls/follow.ts';
import type { FollowedItem } from '../calls/follow.ts';
import { itemsOf } from '../calls/items.ts';
import { readStream } from './read.ts';
import { repeatedly } from './repeatedly.ts';

/** How many of the log's last events are examined before searching with the server's filter. */
const MAX_TAIL = 64;
const MAX_BUFFERED = 256;
/** For how long leaders must report a shorter log before that is believed, in milliseconds. */
const MIN_SHORTER_MS = 5_000;
const MAX_BACKOFF_MS = 500;
/**
 * Streams that every padron has. The search starts at their last events if nothing is known yet.
 */
const LANDMARKS = [sequenceStream('persona'), sequenceStream('user'), SETTINGS_STREAM, SKIPS_STREAM];

/** `own` is padron's last event up to and including `searched`, an event of any stream. */
interface Searched {
  own: EventMark | null;
  searched: EventMark;
}

/** What a store remembers of the end of padron's own events. */
export interface EndOfOwn {
  value: Searched | null;
  /** Records one of padron's own events. */
  saw(mark: EventMark): void;
}

export function endOfOwn(): EndOfOwn {
  return {
    value: null,
    saw(mark) {
      if (!this.value || this.value.searched.position < mark.position) {
        this.value = { own: mark, searched: mark };
      }
    },
  };
}

/**
 * See EventStore.head. Other applications' events at the end of the log are not transferred: the
 * server filters them out, starting from padron's last known event.
 */
export async function head(connection: Connection, known = endOfOwn()): Promise<Position | null> {
  const budget = new Budget(connection);
  const tail = await readBackwards(connection, MAX_TAIL, budget);
  const own = tail.find(({ event }) => event && isOwnStream(event.streamId));
  if (own) {
    const event = recorded(own);
    if (event) known.saw(event);
    return event?.position ?? null;
  }
  if (tail.length < MAX_TAIL) return null;
  const end = tail.find(({ event }) => event);
  const searched = { position: (end && positionOf(end)) ?? 0n, id: end?.event?.id ?? '' };
  const start = await startOfSearch(connection, { known, upTo: searched.position }, budget);
  const found = await lastOwnAfter(connection, start, budget);
  known.value = { own: found, searched };
  return found?.position ?? null;
}

/**
 * See EventStore.holds. Never reads a position beyond the end of the log: the server may wait
 * silently. Between two events it fails with an unspecified error, which counts as "no" if another
 * read succeeds.
 */
export async function holds(
  connection: Connection,
  { position, id }: EventMark,
  budget = new Budget(connection),
): Promise<boolean> {
  if (!(await reaches(connection, position, budget))) return false;
  return isAt(connection, { position, id }, budget);
}

/** Like `holds`, for a position that the log is known to reach. */
async function isAt(connection: Connection, { position, id }: EventMark, budget: Budget): Promise<boolean> {
  try {
    const found = await eventAt(connection, position, budget);
    return found !== null && positionOf(found) === position && found.event?.id === id;
  } catch (error) {
    if (!(error instanceof Error) || !isUnnamed(error.cause)) throw error;
    await readBackwards(connection, 1, budget);
    return false;
  }
}

/**
 * See EventStore.reaches. In a cluster, a leader that has lost its majority answers from an older
 * state until it notices, within some 3 s. So the result is false only once leaders have reported an
 * end before the position for MIN_SHORTER_MS. Rejects with EventStoreError if time runs out first.
 */
export async function reaches(
  connection: Connection,
  position: Position,
  budget = new Budget(connection),
): Promise<boolean> {
  let shorterSince = Infinity;
  for (let attempt = 0; ; attempt += 1) {
    const begun = performance.now();
    if ((await lastPosition(connection, budget)) >= position) return true;
    // From the first answer on: a leader that was paused may have taken long to give it.
    shorterSince = Math.min(shorterSince, performance.now());
    if (!connection.isCluster || performance.now() - shorterSince >= MIN_SHORTER_MS) return false;
    if (budget.spent) {
      throw new EventStoreError('EventStoreDB answers from a log that is shorter than before', {
        outcomeUnknown: false,
      });
    }
    await leaveNode(connection.client, begun);
    await backoff(attempt, Math.min(MAX_BACKOFF_MS, budget.left));
  }
}

/** Position of the log's last event, of any stream; 0 for an empty log. */
export async function lastPosition(
  connection: Connection,
  budget = new Budget(connection),
): Promise<Position> {
  const [end] = await readBackwards(connection, 1, budget);
  return (end && positionOf(end)) ?? 0n;
}

/**
 * Where to start: at the end of the last search if the log still has it, else at a landmark, else
 * at the beginning.
 */
async function startOfSearch(
  connection: Connection,
  { known, upTo }: { known: EndOfOwn; upTo: Position },
  budget: Budget,
): Promise<Searched | null> {
  const last = known.value;
  if (last && last.searched.position <= upTo && (await isAt(connection, last.searched, budget))) return last;
  known.value = null;
  const reader = {
    readStream: (stream: string, options: Parameters<typeof readStream>[2]) =>
      readStream(connection, stream, options, budget),
  };
  const landmarks = await Promise.all(LANDMARKS.map(async (stream) => lastEventOf(reader, stream)));
  const latest = landmarks.reduce<RecordedEvent | null>(
    (found, event) => (event && (!found || event.position > found.position) ? event : found),
    null,
  );
  const mark = markOf(latest ?? undefined);
  return mark && { own: mark, searched: mark };
}

async function lastOwnAfter(
  connection: Connection,
  start: Searched | null,
  budget: Budget,
): Promise<EventMark | null> {
  const search = async (silenceMs: number): Promise<EventMark | null> => {
    const after = start?.searched.position ?? null;
    const stream = follow(connection.client, after, { buffered: MAX_BUFFERED, requiresLeader: true });
    let found = start?.own ?? null;
    for await (const item of itemsOf<FollowedItem>(stream, { silenceMs })) {
      if (item === CAUGHT_UP) break;
      const event = 'checkpoint' in item ? null : recorded(item);
      if (event && isOwnStream(event.stream)) found = markOf(event);
    }
    return found;
  };
  return repeatedly(connection, 'find the end of the log', search, budget);
}

/** The log's last events, newest first. */
async function readBackwards(
  connection: Connection,
  maxCount: number,
  budget: Budget,
): Promise<AllStreamResolvedEvent[]> {
  return readLog(connection, { direction: BACKWARDS, fromPosition: END, maxCount }, budget);
}

async function eventAt(
  connection: Connection,
  position: Position,
  budget: Budget,
): Promise<AllStreamResolvedEvent | null> {
  const fromPosition = atPosition(position);
  const [found] = await readLog(connection, { direction: FORWARDS, fromPosition, maxCount: 1 }, budget);
  return found ?? null;
}

async function readLog(
  connection: Connection,
  options: Parameters<Connection['client']['readAll']>[0],
  budget: Budget,
): Promise<AllStreamResolvedEvent[]> {
  const read = async (silenceMs: number): Promise<AllStreamResolvedEvent[]> => {
    const log = connection.client.readAll({ ...options, requiresLeader: true });
    const found: AllStreamResolvedEvent[] = [];
    for await (const item of itemsOf<AllStreamResolvedEvent>(log, { silenceMs })) {
      if (positionOf(item) !== null) found.push(item);
    }
    return found;
  };
  return repeatedly(connection, 'read at a position', read, budget);
}
