import type { EventBatch, EventStore, SubscribeOptions } from '../../events/eventStore.ts';
import { startsWithOneOf } from '../../events/streams.ts';
import { KeyUnavailableError } from '../../events/eventErrors.ts';
import { callAfter, type MonotonicClock } from '../../platform/clock.ts';

/** How long others may join a reading after its start, in milliseconds. */
const MAX_JOIN_MS = 1_000;
/** How many events the first reader may be ahead of the last; these are kept in memory. */
const MAX_AHEAD = 10_000;
/** How long a reading waits for its slowest reader until it is live, in milliseconds. */
const MAX_HOLD_MS = 1_000;

/** A batch that was read. `count`: the events up to its end. */
interface Link {
  batch: EventBatch | null;
  count: number;
  next: Link | null;
}

interface Reader {
  signal: AbortSignal;
  /** The last batch that it took; null: it was too far behind and was dropped. */
  at: Link | null;
  wake: () => void;
}

/** What a reader gets next; `alone` (it continues with a subscription of its own) and `ended` are final. */
type Next = EventBatch | 'alone' | 'ended';

export type SharedReading = ReturnType<typeof startReading>;

/**
 * One subscription whose batches go to several readers. The fastest sets the pace: batches stay in
 * memory until all readers have taken them, at most MAX_AHEAD events. A reader that falls further
 * behind is dropped, so that it neither fills the memory nor delays the others. Before an event whose
 * key is missing all are dropped: only some of them need the event.
 */
export function startReading(
  store: Pick<EventStore, 'subscribe'>,
  options: Omit<SubscribeOptions, 'signal'>,
  { mostReaders, timer }: { mostReaders: number; timer: MonotonicClock },
) {
  const closing = new AbortController();
  const readers = new Set<Reader>();
  let end: Link = { batch: null, count: 0, next: null };
  /** The start, where others may join; null once it is too late. */
  let start: Link | null = end;
  let over: { error: Error | null } | null = null;
  let isLive = false;
  let isAdvancing = false;
  let pause: AbortController | null = null;
  const stopJoining = callAfter(timer, MAX_JOIN_MS, () => {
    start = null;
    pause?.abort();
  });
  const subscription = store.subscribe({ ...options, signal: closing.signal })[Symbol.asyncIterator]();

  const isClosed = (): boolean => closing.signal.aborted;
  const isOver = (): boolean => isClosed() || over !== null;

  async function nextFor(reader: Reader): Promise<Next> {
    for (;;) {
      if (reader.signal.aborted) return 'ended';
      if (reader.at === null) return 'alone';
      const { next } = reader.at;
      if (next?.batch) {
        reader.at = next;
        pause?.abort();
        return next.batch;
      }
      if (over) {
        if (over.error instanceof KeyUnavailableError) return 'alone';
        if (over.error !== null) throw over.error;
        return 'ended';
      }
      if (!isAdvancing) void advance();
      await new Promise<void>((resolve) => {
        reader.wake = resolve;
      });
    }
  }

  /** Reads one batch and wakes the readers. */
  async function advance(): Promise<void> {
    isAdvancing = true;
    try {
      await waitForOthers();
      const step = await subscription.next();
      if (step.done === true) over = { error: null };
      else {
        const batch = step.value;
        end = end.next = { batch, count: end.count + batch.events.length, next: null };
        isLive ||= batch.caughtUp;
      }
    } catch (error) {
      over = { error: error as Error };
    }
    isAdvancing = false;
    for (const reader of readers) reader.wake();
  }

  /** Waits until joining ends, and for a limited time for the slowest reader. */
  async function waitForOthers(): Promise<void> {
    const mayJoin = (): boolean => start !== null && readers.size < mostReaders;
    if (end.count >= MAX_AHEAD) {
      while (!isClosed() && mayJoin()) await wait(MAX_JOIN_MS);
      start = null;
    }
    const since = timer.now();
    while (!isClosed()) {
      const late = [...readers].filter(({ at }) => at && end.count - at.count >= MAX_AHEAD);
      if (late.length === 0) return;
      const leftMs = isLive ? 0 : since + MAX_HOLD_MS - timer.now();
      if (leftMs > 0) await wait(leftMs);
      else for (const reader of late) reader.at = null;
    }
  }

  /** Waits until a reader moves, at most this long. */
  function wait(ms: number): Promise<void> {
    pause = new AbortController();
    return timer.sleep(ms, pause.signal);
  }

  async function leave(reader: Reader): Promise<void> {
    readers.delete(reader);
    pause?.abort();
    if (readers.size > 0) return;
    stopJoining();
    closing.abort();
    await subscription.return?.();
  }

  return {
    isOver,
    /** Whether a reader that starts after `after` can join. */
    isOpenFor: ({ after, limit }: Pick<SubscribeOptions, 'after' | 'limit'>): boolean =>
      options.after === after && options.limit === limit && !isOver() && start !== null,
    /** A reader's batches from the start of the reading. Throws what the subscription throws. */
    async *batchesFor(own: SubscribeOptions): AsyncGenerator<EventBatch> {
      const { signal, prefixes } = own;
      const reader: Reader = { signal, at: start, wake: () => undefined };
      const onAbort = (): void => {
        reader.wake();
      };
      signal.addEventListener('abort', onAbort);
      readers.add(reader);
      let position = options.after;
      try {
        for (;;) {
          const next = await nextFor(reader);
          if (next === 'ended') return;
          if (next === 'alone') break;
          position = next.position;
          yield { ...next, events: next.events.filter(({ stream }) => startsWithOneOf(stream, prefixes)) };
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
        await leave(reader);
      }
      yield* store.subscribe({ ...own, after: position });
    },
  };
}
