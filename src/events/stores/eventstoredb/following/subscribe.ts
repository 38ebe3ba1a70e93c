import { setImmediate as nextTurn } from 'node:timers/promises';
import { markOf } from '../../../eventStore.ts';
import type { EventBatch, Position, RecordedEvent, SubscribeOptions } from '../../../eventStore.ts';
import { backoff } from '../calls/budget.ts';
import type { Connection } from '../connecting/connection.ts';
import { isOwnStream, startsWithOneOf } from '../../../streams.ts';
import { recorded } from '../calls/events.ts';
import { isConsumerTooSlow, storeError } from '../calls/failures.ts';
import { CAUGHT_UP, follow } from '../calls/follow.ts';
import type { FollowedItem } from '../calls/follow.ts';
import { lastPosition } from '../reading/head.ts';
import type { EndOfOwn } from '../reading/head.ts';
import { itemsOf } from '../calls/items.ts';
import type { LogIdentity } from '../connecting/logIdentity.ts';
import type { ClientStream } from '../calls/items.ts';

/** Long enough not to load a restarting cluster, short enough to resume within seconds. */
const MAX_BACKOFF_MS = 5000;
const CATCHING_UP_BATCH_MS = 50;
/** How long a subscription may wait to check that the log reaches a checkpoint. */
const MAX_CHECK_MS = 1000;

/**
 * See EventStore.subscribe. The client never reconnects a subscription; this function does, from
 * the last delivered position and without a limit on attempts: immediately if the server dropped it
 * as too slow (it catches up by reading), otherwise after a backoff. It first checks that the log
 * is still the same (logIdentity.ts).
 */
export async function* subscribe(
  connection: Connection,
  options: SubscribeOptions,
  { end, identity }: { end?: EndOfOwn; identity?: LogIdentity } = {},
): AsyncGenerator<EventBatch> {
  const { logger } = connection;
  const { signal } = options;
  let after = options.after;
  let failures = 0;
  const ended = (): boolean => signal.aborted;
  while (!ended()) {
    let lost: unknown = null;
    try {
      await identity?.confirm();
      for await (const batch of batchesAfter(connection, after, options)) {
        if (failures > 0) logger.info({ after: String(after) }, 'subscribed to EventStoreDB again');
        failures = 0;
        if (batch.mark) {
          end?.saw(batch.mark);
          identity?.saw(batch.mark);
        }
        yield batch;
        after = batch.position;
      }
    } catch (error) {
      lost = error;
    }
    if (ended()) return;
    identity?.doubt();
    if (isConsumerTooSlow(lost)) {
      logger.info({ after: String(after) }, 'fell behind EventStoreDB while live; catching up');
      continue;
    }
    if (failures === 0) {
      const error = lost === null ? null : storeError('continue a subscription', lost, false).message;
      logger.warn(
        { after: String(after), error },
        'lost the subscription to EventStoreDB: retrying until it is back',
      );
    }
    await backoff(failures, MAX_BACKOFF_MS, signal);
    failures += 1;
  }
}

/**
 * One subscription. The server sends all of padron's own events and this process filters them: for
 * events that its filter excludes, the server sends a checkpoint only every thousand or so, and the
 * view of a quiet stream would seem behind for that long. While catching up, a batch ends at the
 * limit, at "caught up", or when it is 50 ms old; once live, when nothing more has arrived.
 */
async function* batchesAfter(
  connection: Connection,
  after: Position | null,
  { prefixes, limit, signal }: SubscribeOptions,
): AsyncGenerator<EventBatch> {
  const stream = follow(connection.client, after, { buffered: limit, requiresLeader: false });
  const isWanted = ({ stream: name }: RecordedEvent): boolean =>
    isOwnStream(name) && startsWithOneOf(name, prefixes);
  const isWithinLog = logBounds(connection);
  let position = after ?? 0n;
  let events: RecordedEvent[] = [];
  let last: RecordedEvent | undefined;
  let live = false;
  let begun = 0;
  for await (const item of itemsOf<FollowedItem>(stream, {
    silenceMs: connection.deadlineMs,
    untilConfirmed: true,
    signal,
  })) {
    const caughtUp = item === CAUGHT_UP;
    if (begun === 0) begun = performance.now();
    if (!caughtUp && 'checkpoint' in item) {
      if (item.checkpoint > position && (await isWithinLog(item.checkpoint))) position = item.checkpoint;
    } else if (!caughtUp) {
      const event = recorded(item);
      if (event && event.position > position) position = event.position;
      if (event && isOwnStream(event.stream)) last = event;
      if (event && isWanted(event)) events.push(event);
    }
    live ||= caughtUp;
    if (!caughtUp && events.length < limit && (live ? await moreArrived(stream) : young(begun))) continue;
    yield { events, position, mark: markOf(last), caughtUp };
    events = [];
    last = undefined;
    begun = 0;
  }
}

/**
 * Returns a check whether the log reaches a checkpoint: server 24.10.4 sends one of 2^64-1. Asks
 * for the end of the log only if the checkpoint lies beyond the last known end. While the server
 * does not answer, checkpoints are ignored; a later one will count.
 */
function logBounds(connection: Connection): (checkpoint: Position) => Promise<boolean> {
  const deadlineMs = Math.min(connection.deadlineMs, MAX_CHECK_MS);
  let end = 0n;
  return async (checkpoint) => {
    if (checkpoint > end) end = await lastPosition({ ...connection, deadlineMs }).catch(() => end);
    return checkpoint <= end;
  };
}

const young = (begun: number): boolean => performance.now() - begun < CATCHING_UP_BATCH_MS;

async function moreArrived(stream: ClientStream): Promise<boolean> {
  if (stream.readableLength === 0) await nextTurn();
  return stream.readableLength > 0;
}
