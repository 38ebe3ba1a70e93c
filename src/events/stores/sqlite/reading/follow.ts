import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventStoreError } from '../../../eventErrors.ts';
import {
  markOf,
  type EventBatch,
  type EventMark,
  type RecordedEvent,
  type SubscribeOptions,
} from '../../../eventStore.ts';
import { createBackoff } from '../../../../platform/backoff.ts';
import { monotonicClock } from '../../../../platform/clock.ts';
import { isOwnStream, startsWithOneOf } from '../../../streams.ts';
import { reading, toRecorded, type EventLog } from '../log/eventLog.ts';
import type { RecentEvents } from './recentEvents.ts';
import type { WakeUpCall } from '../log/wakeUpCall.ts';

/** Pauses after failed reads. */
const PAUSE_MS = { minMs: 50, maxMs: 2_000, jitter: 0 };

/**
 * Follows the log as the port promises; `news` signals that it may have grown. A failed read is
 * retried after a pause.
 */
export async function* follow(
  log: EventLog,
  { after, prefixes, limit, signal }: SubscribeOptions,
  recent: RecentEvents,
  news: WakeUpCall,
): AsyncGenerator<EventBatch> {
  let position = after ?? 0n;
  let isBehind = true;
  const backoff = createBackoff({ ...PAUSE_MS, clock: monotonicClock });
  while (!signal.aborted) {
    const calls = news.calls();
    let page: Page;
    try {
      page = reading(log, () => pageAfter(log, recent, { position, prefixes, limit }));
      backoff.reset();
    } catch (error) {
      if (!(error instanceof EventStoreError)) throw error;
      await backoff.pause(signal);
      isBehind = true;
      continue;
    }
    const { events, last, mark, full } = page;
    const caughtUp = !full;
    // An empty page after a full one: report that too, so that the subscriber knows it has caught
    // up.
    if (last !== null || (isBehind && caughtUp)) {
      position = last ?? position;
      isBehind = !caughtUp;
      yield { events, position, mark, caughtUp };
    }
    await (caughtUp ? news.wait(calls, signal) : nextTurn());
  }
}

interface Page {
  events: RecordedEvent[];
  last: bigint | null;
  mark: EventMark | null;
  full: boolean;
}

/**
 * The next range of the log. The end is cached for a while, because several views follow the same
 * events. Far behind the end, a range is as many positions as fit a page, of which only the wanted
 * events are fetched.
 */
function pageAfter(
  log: EventLog,
  recent: RecentEvents,
  { position, prefixes, limit }: { position: bigint; prefixes: readonly string[]; limit: number },
): Page {
  const kept = recent.after(position, limit);
  const page = kept?.events ?? [];
  if (page.length < limit && !kept?.isWhole) {
    const from = page.at(-1)?.position ?? position;
    const upTo = Number(from) + limit;
    if (page.length === 0 && log.lastPosition() > upTo) {
      const rows = log.readStretch(Number(from), upTo, prefixes);
      const events = rows.filter(({ stream }) => isOwnStream(stream)).map(toRecorded);
      const last = BigInt(upTo);
      const id = log.idAt(upTo);
      return { events, last, mark: id === null ? markOf(events.at(-1)) : { position: last, id }, full: true };
    }
    const missing = limit - page.length;
    const read = log.readRows(Number(from), missing).map(toRecorded);
    recent.addRead(from, read, read.length < missing);
    page.push(...read);
  }
  return {
    events: page.filter(({ stream }) => isOwnStream(stream) && startsWithOneOf(stream, prefixes)),
    last: page.at(-1)?.position ?? null,
    mark: markOf(page.at(-1)),
    full: page.length === limit,
  };
}
